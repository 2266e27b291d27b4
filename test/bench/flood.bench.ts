import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import {type PostgresServer, startPostgres} from '../../src/demo/postgres.ts';
import {type RedisServer, startRedis} from '../../src/demo/redis.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {openTerminal, type Terminal} from '../helpers/servers/pty.ts';
import {cpuSeconds, quantile, rssMib, timed} from './measure.ts';
import type {Paced, PacedEnd} from './paced-publisher.ts';
import type {Bench, Report} from './report.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const AIM = 50_000;
// Slightly more than the aim, so that it is reached.
const RATE = Number(process.env.TRADETOP_BENCH_FLOOD_RATE ?? 50_500);
const SECONDS = Number(process.env.TRADETOP_BENCH_FLOOD_SECONDS ?? 60);
const QUIET_KEYS = 100;

/**
 * Publishes 50,000 trades a second to a console on private servers. Compares the number that it counts with that of a
 * bare subscriber, and the time of a key with that of the same console without traffic.
 */
export const bench: Bench = async report => {
  const [postgres, redis] = await Promise.all([startPostgres({}), startRedis({})]);
  const dir = mkdtempSync(join(tmpdir(), 'tradetop-flood-'));
  try {
    const envFile = await prepare(postgres, redis, dir);
    const console = openTerminal(process.execPath, [program, 'watch', '--env-file', envFile], {columns: 160, rows: 48});
    await console.sees(/bus +ok/, 30_000);
    console.type('z');
    await console.sees(/seen 0 · missed 0/);
    // The first ones find code that no one has run yet.
    await timeKeys(console, count => count < QUIET_KEYS / 2);
    const quiet = await timeKeys(console, count => count < QUIET_KEYS);
    await flood(console, redis, quiet, report);
    console.type('qq');
    await console.ended();
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(dir, {recursive: true, force: true});
  }
};

async function prepare(postgres: PostgresServer, redis: RedisServer, dir: string): Promise<string> {
  const {host, port, user, password} = postgres;
  const trading = targetOf({...postgres, database: 'trading_system'});
  await setUp({trading, prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql()});
  const file = join(dir, 'flood.env');
  const lines = [
    `POSTGRES_HOST=${host}`,
    `POSTGRES_PORT=${port}`,
    `TRADING_DB_USER=${user}`,
    `TRADING_DB_PASSWORD=${password}`,
    `REDIS_URL=${redis.url}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, {mode: 0o600});
  return file;
}

async function flood(
  console: Terminal,
  redis: RedisServer,
  quiet: readonly number[],
  {row, log}: Report,
): Promise<void> {
  const bare = await startCounter(redis.url);
  let end: PacedEnd | undefined;
  const data: Paced = {port: redis.port, password: redis.password, rate: RATE, seconds: SECONDS, prefix: 'flood-'};
  log(`${RATE.toLocaleString('en-US')} trades a second for ${SECONDS} s`);
  const [cpu, start] = [cpuSeconds(console.pid), performance.now()];
  const publisher = new Worker(new URL('paced-publisher.ts', import.meta.url), {workerData: data});
  const over = new Promise<void>((resolve, reject) => {
    publisher.once('error', reject);
    publisher.once('message', (said: PacedEnd) => {
      end = said;
      resolve();
    });
  });
  const keys = await timeKeys(console, () => end === undefined);
  await over;
  const cores = (cpuSeconds(console.pid) - cpu) / ((performance.now() - start) / 1000);
  const {sent, seconds} = end as unknown as PacedEnd;
  const screen = await console.sees(new RegExp(`seen ${sent.toLocaleString('en-US')}`), 30_000).catch(console.screen);
  const heard = await bare.stop();
  const seen = Number(/seen ([\d,]+)/.exec(screen)?.[1]?.replaceAll(',', ''));
  const gaps = Number(/gaps? (\d+)/.exec(screen)?.[1] ?? 0);
  row({name: 'published', value: sent / seconds, unit: '/s', aim: '≥ 50,000/s', met: sent / seconds >= AIM});
  row({
    name: `counted of ${sent.toLocaleString('en-US')} published (${gaps} gaps declared)`,
    value: seen,
    unit: '',
    baseline: heard,
    baselineIs: 'a bare subscriber that counts',
    ratio: seen / heard,
    aim: 'all, or gaps declared',
    met: seen === sent || gaps > 0,
  });
  for (const [name, q, limit] of [
    ['median', 0.5, undefined],
    ['99th percentile', 0.99, 100],
  ] as const) {
    const [value, baseline] = [quantile(keys, q), quantile(quiet, q)];
    row({
      name: `key to screen in the flood, ${name} of ${keys.length}`,
      value,
      unit: 'ms',
      baseline,
      baselineIs: 'nothing on the bus',
      ratio: value / baseline,
      ...(limit === undefined ? {} : {aim: `< ${limit} ms`, met: value < limit}),
    });
  }
  row({name: 'CPU of the console in the flood', value: cores, unit: 'cores'});
  row({name: 'resident memory after the flood', value: rssMib(console.pid), unit: 'MiB'});
}

// In a thread of its own, so that it does not delay the terminal.
async function startCounter(url: string): Promise<{readonly stop: () => Promise<number>}> {
  const worker = new Worker(COUNTER, {eval: true, workerData: url});
  await once(worker, 'message');
  return {
    stop: async () => {
      worker.postMessage('stop');
      const [heard] = await once(worker, 'message');
      await worker.terminate();
      return heard as number;
    },
  };
}

const COUNTER = `
  const {parentPort, workerData} = require('node:worker_threads');
  const {Redis} = require('ioredis');
  const client = new Redis(workerData);
  let heard = 0;
  client.on('message', () => heard++);
  client.subscribe('data_sync:trades').then(() => parentPort.postMessage('ready'));
  parentPort.on('message', () => parentPort.postMessage(heard));`;

// Opens and closes the help while it may, at uneven moments, so that they fall on every part of a frame.
async function timeKeys(console: Terminal, more: (count: number) => boolean): Promise<number[]> {
  const times: number[] = [];
  while (more(times.length) && times.length < 2000) {
    times.push(await timed(() => typed(console, '?').sees(HELP)));
    await pause();
    times.push(await timed(() => typed(console, 'q').seesNo(HELP)));
    await pause();
  }
  return times;
}

const HELP = /upper case acts/;

function typed(console: Terminal, key: string): Terminal {
  console.type(key);
  return console;
}

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 50 + Math.random() * 100));
