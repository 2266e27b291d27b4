import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {readEnvFile} from '../../src/config/settings.ts';
import {openTerminal, type Terminal} from '../helpers/servers/pty.ts';
import {cpuSeconds, rssMib, timed} from './measure.ts';
import type {Bench} from './report.ts';
import {thinLineKey} from './thin-line.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const bare = fileURLToPath(new URL('./bare-ink.ts', import.meta.url));
/** As the tool of the first measurements: after so many seconds, for so many. */
const [WARM, SECONDS] = [8, 30];
const LARGE = {columns: 160, rows: 48};
const SMALL = {columns: 80, rows: 24};

type Row = Parameters<Bench>[0]['row'];
type Cost = {readonly bytes: number; readonly cpu: number; readonly mib: number};

/** What the console costs its user beside a bare Ink screen of the same size, and beside pg_activity where that is installed. */
export const bench: Bench = async ({row, log}) => {
  log('the parts of the program that need nothing of it');
  for (const word of ['--version', '--help']) withoutScreen(word, row);
  const ink = await screen(process.execPath, [bare], LARGE, /bare Ink/);
  const small = await screen(process.execPath, [bare], SMALL, /bare Ink/);
  const start = await firstScreen(process.execPath, [bare], /bare Ink/);
  for (const [desk, rate, sizes] of [
    ['10 trades/s', '10', [LARGE]],
    ['a quiet desk', '0.001', [LARGE, SMALL]],
  ] as const) {
    const servers = spawn(process.execPath, [program, 'demo', '--headless', '--seed', '7', '--rate', rate], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const envFile = await envFileOf(servers);
      for (const size of sizes) {
        const name = `${desk}, ${size.columns}×${size.rows}`;
        log(`${name}, ${SECONDS} s`);
        const cost = await screen(process.execPath, [program, 'watch', '--env-file', envFile], size, /operator/);
        const peer = size === LARGE ? await peerCost(envFile, log) : undefined;
        report(row, name, {cost, base: size === LARGE ? ink : small, peer}, rate === '10');
      }
      if (rate === '10') {
        const ms = await thinLineKey([program, 'watch', '--env-file', envFile], LARGE);
        row({
          name: 'key to screen on a line of 64 kbit/s, 150 ms away',
          value: ms,
          unit: 'ms',
          baseline: 300,
          baselineIs: 'round trip',
          ratio: ms / 300,
          aim: '≤ 450 ms',
          met: ms <= 450,
        });
        const seconds = await firstScreen(
          process.execPath,
          [program, 'watch', '--env-file', envFile],
          /1 Trades.*\/min/,
        );
        row({
          name: 'first useful screen',
          value: seconds,
          unit: 's',
          baseline: start,
          baselineIs: 'bare Ink',
          ratio: seconds / start,
          aim: '≤ 0.6 s',
          met: seconds <= 0.6,
        });
      }
    } finally {
      servers.stdin.end();
      await new Promise(resolve => servers.once('exit', resolve));
    }
  }
};

function withoutScreen(word: string, row: Row): void {
  const {stderr} = spawnSync('/usr/bin/time', ['-f', '%U %S %M', process.execPath, program, word], {encoding: 'utf8'});
  const [user = 0, system = 0, kib = 0] = stderr.trim().split(/\s+/).map(Number);
  row({name: `${word}, CPU time`, value: user + system, unit: 's', aim: '≤ 0.15 s', met: user + system <= 0.15});
  row({name: `${word}, memory`, value: kib / 1024, unit: 'MiB', aim: '≤ 55 MiB', met: kib / 1024 <= 55});
}

type Costs = {readonly cost: Cost; readonly base: Cost; readonly peer: Cost | undefined};

function report(row: Row, desk: string, {cost, base, peer}: Costs, busy: boolean): void {
  const [bytes, cpu] = busy ? [8000, 4] : [600, desk.endsWith('24') ? 1.2 : 1.5];
  const rows = [
    ['sent to the terminal', 'bytes', 'bytes/s', bytes],
    ['CPU time', 'cpu', 's/min', cpu],
    ['resident memory', 'mib', 'MiB', 130],
  ] as const;
  for (const [name, figure, unit, most] of rows) {
    row({
      name: `${name}: ${desk}`,
      value: cost[figure],
      unit,
      baseline: base[figure],
      baselineIs: 'bare Ink',
      ratio: cost[figure] / base[figure],
      ...(peer ? {peer: peer[figure]} : {}),
      aim: `≤ ${most} ${unit}`,
      met: cost[figure] <= most,
    });
  }
}

/** What a program on a screen of its own costs while nobody presses a key. */
async function screen(
  command: string,
  args: readonly string[],
  size: {readonly columns: number; readonly rows: number},
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const terminal = openTerminal(command, args, {...size, env});
  await terminal.sees(ready, 60_000);
  await pause(WARM);
  const [cpu, bytes, start] = [cpuSeconds(terminal.pid), Buffer.byteLength(terminal.raw()), performance.now()];
  await pause(SECONDS);
  const seconds = (performance.now() - start) / 1000;
  const cost = {
    bytes: (Buffer.byteLength(terminal.raw()) - bytes) / seconds,
    cpu: ((cpuSeconds(terminal.pid) - cpu) / seconds) * 60,
    mib: rssMib(terminal.pid),
  };
  await end(terminal);
  return cost;
}

async function firstScreen(command: string, args: readonly string[], ready: RegExp): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const terminal = openTerminal(command, args, LARGE);
    times.push((await timed(() => terminal.sees(ready, 60_000))) / 1000);
    await end(terminal);
  }
  return times.sort((a, b) => a - b)[2] as number;
}

/** What pg_activity costs on the same server; undefined: it is not installed. */
async function peerCost(envFile: string, log: (line: string) => void): Promise<Cost | undefined> {
  if (spawnSync('pg_activity', ['--version']).error) {
    log('pg_activity is not installed: skipped');
    return undefined;
  }
  const env = readEnvFile(envFile) as Readonly<Record<string, string>>;
  const login = {
    PGHOST: env.POSTGRES_HOST ?? '',
    PGPORT: env.POSTGRES_PORT ?? '',
    PGUSER: env.TRADING_DB_USER ?? '',
    PGPASSWORD: env.TRADING_DB_PASSWORD ?? '',
    PGDATABASE: env.TRADING_DB_NAME ?? '',
  };
  return screen('pg_activity', ['--no-inst-info'], LARGE, /RUNNING|PID/, login);
}

const pause = (seconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, seconds * 1000));

async function end(terminal: Terminal): Promise<void> {
  terminal.kill('SIGTERM');
  await terminal.ended();
}

async function envFileOf(servers: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of servers.stdout ?? []) {
    said += chunk;
    const file = /TRADETOP_DEMO_ENV=(\S+)/.exec(said)?.[1];
    if (file) return file;
  }
  throw new Error(`the demo said ${said}`);
}
