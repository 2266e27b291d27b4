import {type ChildProcess, spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {Redis} from 'ioredis';
import {readEnvFile} from '../../src/config/settings.ts';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {openTerminal, type Terminal} from '../helpers/servers/pty.ts';
import {cpuSeconds, quantile, rssMib, timed} from './measure.ts';
import type {Bench} from './report.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const ROUNDS = 100;

/** The console's cost and delays: start, keys, a trade's way to the screen, CPU time. */
export const bench: Bench = async ({row, log}) => {
  const bare = await timed(() => ended(spawn(process.execPath, ['-e', '0'])));
  const start = performance.now();
  const demo = openTerminal(process.execPath, [program, 'demo', '--seed', '7'], {columns: 160, rows: 48});
  await demo.sees(/1 Trades.*\d+\/min/, 60_000);
  await demo.sees(/4 Connection health[\s\S]*trading +ok/, 60_000);
  const live = (performance.now() - start) / 1000;
  row({
    name: 'npm start without the build: to four live panes',
    value: live,
    unit: 's',
    baseline: bare / 1000,
    baselineIs: 'bare node',
    ratio: live / (bare / 1000),
    aim: '≤ 10 s',
    met: live <= 10,
  });
  demo.type('q');
  await demo.ended();

  const desk = spawn(process.execPath, [program, 'demo', '--headless', '--seed', '7'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const envFile = await envFileOf(desk);
    const console = openTerminal(process.execPath, [program, 'watch', '--env-file', envFile], {columns: 160, rows: 48});
    await console.sees(/bus +ok/, 30_000);
    await keys(console, row);
    await trades(console, readEnvFile(envFile).REDIS_URL as string, row);
    log('30 s without input');
    await steady(console, row);
    console.type('q');
    await console.ended();
  } finally {
    desk.stdin.end();
    await ended(desk);
  }
};

type Row = Parameters<Bench>[0]['row'];

async function keys(console: Terminal, row: Row): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS / 2; i++) {
    times.push(await timed(() => typeKey(console, '?', /upper case acts/, true)));
    times.push(await timed(() => typeKey(console, 'q', /upper case acts/, false)));
  }
  const p99 = quantile(times, 0.99);
  row({name: 'key to screen, median', value: quantile(times, 0.5), unit: 'ms'});
  row({name: 'key to screen, 99th percentile', value: p99, unit: 'ms', aim: '< 100 ms', met: p99 < 100});
}

const typeKey = async (console: Terminal, key: string, what: RegExp, there: boolean): Promise<unknown> => {
  console.type(key);
  return there ? console.sees(what) : console.seesNo(what);
};

async function trades(console: Terminal, url: string, row: Row): Promise<void> {
  const publisher = new Redis(url);
  const bare = new Redis(url);
  await bare.subscribe('data_sync:trades');
  const onScreen: number[] = [];
  const toBare: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const symbol = `Z${String(i).padStart(4, '0')}`;
    const at = isoMicros(nowMicros());
    const data = {
      trade_id: `bench-${symbol}`,
      account_id: 'ACC-01',
      symbol,
      quantity: '1',
      price: '1.25',
      executed_at: at,
      strategy: 'bench',
    };
    const message = JSON.stringify({
      type: 'trade_executed',
      service: 'bench',
      timestamp: at,
      correlation_id: data.trade_id,
      data,
    });
    const begin = performance.now();
    const heard = new Promise<void>(resolve => {
      const listener = (_channel: string, text: string) => {
        if (!text.includes(symbol)) return;
        toBare.push(performance.now() - begin);
        bare.off('message', listener);
        resolve();
      };
      bare.on('message', listener);
    });
    await publisher.publish('data_sync:trades', message);
    await console.sees(symbol);
    onScreen.push(performance.now() - begin);
    await heard;
  }
  publisher.disconnect();
  bare.disconnect();
  for (const [name, q] of [
    ['median', 0.5],
    ['99th percentile', 0.99],
  ] as const) {
    const [value, baseline] = [quantile(onScreen, q), quantile(toBare, q)];
    const aim = q === 0.99 ? {aim: '< 250 ms', met: value < 250} : {};
    row({
      name: `trade published to screen, ${name}`,
      value,
      unit: 'ms',
      baseline,
      baselineIs: 'bare subscriber',
      ratio: value / baseline,
      ...aim,
    });
  }
}

async function steady(console: Terminal, row: Row): Promise<void> {
  const [cpu, bytes, start] = [cpuSeconds(console.pid), console.raw().length, performance.now()];
  await new Promise(resolve => setTimeout(resolve, 30_000));
  const seconds = (performance.now() - start) / 1000;
  row({
    name: 'CPU time of the console at 5 trades/s',
    value: ((cpuSeconds(console.pid) - cpu) / seconds) * 60,
    unit: 's/min',
  });
  row({name: 'sent to the terminal', value: (console.raw().length - bytes) / seconds, unit: 'bytes/s'});
  row({name: 'resident memory', value: rssMib(console.pid), unit: 'MiB'});
}

async function envFileOf(desk: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of desk.stdout ?? []) {
    said += chunk;
    const file = /TRADETOP_DEMO_ENV=(\S+)/.exec(said)?.[1];
    if (file) return file;
  }
  throw new Error(`the demo said ${said}`);
}

const ended = (child: ChildProcess): Promise<unknown> => new Promise(resolve => child.once('exit', resolve));
