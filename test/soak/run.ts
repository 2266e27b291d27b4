// npm run soak [-- --minutes N --seed S]: a desk at 200 events a second, the built console on a terminal, random keys and
// sizes, and one trouble after the other. Fails where something grows that must not, or the console ends or complains.
import {readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import pg from 'pg';
import {freePort} from '../../src/demo/process.ts';
import {startDemo} from '../../src/demo/start-demo.ts';
import {packageDir} from '../../src/io/package-dir.ts';
import {seeded} from '../helpers/desk/desk-trades.ts';
import {startProxy} from '../helpers/servers/proxy.ts';
import {openTerminal} from '../helpers/servers/pty.ts';
import {waitFor} from '../helpers/servers/wait.ts';
import {openInspector} from './inspector.ts';
import {type Sampled, verdict} from './judge.ts';
import {type Scene, TROUBLES} from './trouble.ts';

const {values} = parseArgs({options: {minutes: {type: 'string', default: '3'}, seed: {type: 'string', default: '1'}}});
const minutes = Number(values.minutes);
const random = seeded(Number(values.seed));
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const program = join(packageDir(), 'dist', 'tradetop.js');
const log = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

// Every view and every overlay; what asks before it acts is left by Esc.
const KEYS = [...'[]12345jkgG!?:swzhdtexv', '\t', '\t', '\x1b', '\x1b', '\x1b', '\x1b[B', '\x1b[B'];
const WORDS = ['\r', '/AAPL\r', '/\x1b', '\x1b[C', '\x1b[A', '\x1b[6~', '\x1b[5~', '.', '+', '-', ' '];
const SIZES = [
  [80, 24],
  [120, 34],
  [160, 48],
  [240, 60],
  [40, 10],
] as const;

const home = await mkdtemp(join(tmpdir(), 'tradetop-soak-'));
const logFile = join(home, 'console.log');
const demo = startDemo([program, 'demo-keeper'], {rate: 200}, () => {});
const {env} = await demo.ready;
const redisAt = new URL(env.REDIS_URL ?? '');
const [postgres, redis] = await Promise.all([
  startProxy({host: '127.0.0.1', port: Number(env.POSTGRES_PORT)}),
  startProxy({host: '127.0.0.1', port: Number(redisAt.port)}),
]);
redisAt.port = String(redis.port);
const port = await freePort();
const terminal = openTerminal(process.execPath, [`--inspect=127.0.0.1:${port}`, program, 'watch'], {
  columns: 120,
  rows: 34,
  env: {
    ...env,
    POSTGRES_PORT: String(postgres.port),
    REDIS_URL: redisAt.href,
    TRADETOP_LOG_FILE: logFile,
    HOME: home,
  },
});
await terminal.sees('Trades', 60_000);
const inspector = await openInspector(port);
const admin = new pg.Pool({
  host: '127.0.0.1',
  port: Number(env.POSTGRES_PORT),
  user: env.TRADING_DB_USER,
  password: env.TRADING_DB_PASSWORD,
  database: env.TRADING_DB_NAME,
  max: 1,
});
admin.on('error', () => {});
const scene: Scene = {demo, admin, postgres, redis, terminal};
const end = Date.now() + minutes * 60_000;
const over = () => Date.now() >= end;
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
const samples: Sampled[] = [];
const faults: string[] = [];

await Promise.all([typing(), resizing(), troubling(), sampling()]);
await postgres.set('pass');
await redis.set('pass');
log('a quiet end');
await pause(15_000);
samples.push(await sample());
// Node waits for whoever inspects it.
inspector.close();
// Out of whatever is open; then the end.
for (let i = 0; i < 6; i++) {
  terminal.type('\x1b');
  await pause(300);
}
terminal.type('q');
const {exitCode} = await terminal.ended(20_000).catch(error => {
  faults.push(String(error));
  return {exitCode: -1};
});
if (exitCode !== 0) faults.push(`it ended with ${exitCode}`);
if (!terminal.restored()) faults.push('the terminal was not restored');
const lines = readFileSync(logFile, 'utf8').split('\n');
faults.push(
  ...lines.filter(line => /MaxListeners|uncaught|unhandled|a bug|TypeError|RangeError/i.test(line)).slice(0, 5),
);
const left = await waitFor(
  'the sessions of the console to end',
  async () => {
    const {rows} = await admin.query(`SELECT FROM pg_stat_activity WHERE application_name LIKE 'tradetop watch%'`);
    return rows.length === 0;
  },
  20_000,
).catch(() => false);
if (!left) faults.push('sessions of the console are left on the server');
await admin.end();
await Promise.all([postgres.close(), redis.close()]);
await demo.stop();
await rm(home, {recursive: true, force: true});
const {table, failed} = verdict(samples);
process.stdout.write(`${table}\n${[...failed, ...faults].map(text => `FAILED ${text}\n`).join('')}`);
process.exit(failed.length + faults.length === 0 ? 0 : 1);

async function typing(): Promise<void> {
  while (!over()) {
    terminal.type(pick(random() < 0.8 ? KEYS : WORDS));
    await pause(100 + random() * 900);
  }
}

async function resizing(): Promise<void> {
  while (!over()) {
    await pause(15_000);
    const [columns, rows] = pick(SIZES);
    terminal.resize(columns, rows);
  }
}

async function troubling(): Promise<void> {
  let turn = 0;
  while (end - Date.now() > 60_000) {
    await pause(15_000);
    const {name, make} = TROUBLES[turn++ % TROUBLES.length] as (typeof TROUBLES)[number];
    log(name);
    await make(scene).catch(error => log(`${name}: ${error}`));
  }
}

async function sampling(): Promise<void> {
  while (!over()) {
    await pause(10_000);
    // A console that is stopped does not answer.
    const taken = await Promise.race([sample(), pause(20_000).then(() => undefined)]);
    if (taken !== undefined) samples.push(taken);
  }
}

async function sample(): Promise<Sampled> {
  const held = await inspector.held();
  const status = readFileSync(`/proc/${terminal.pid}/status`, 'utf8');
  const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  const sessions = await admin.query(`SELECT FROM pg_stat_activity WHERE application_name LIKE 'tradetop watch%'`).then(
    ({rows}) => rows.length,
    () => Number.NaN,
  );
  return {at: Date.now(), rss, sessions, ...held};
}
