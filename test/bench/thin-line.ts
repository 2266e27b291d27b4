import * as pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import {quantile} from './measure.ts';

/** 64 kbit/s, in bytes a millisecond, and the way to the terminal or back, in milliseconds. */
const [RATE, TRIP_MS] = [8, 150];
const KEYS = 20;

type Size = {readonly columns: number; readonly rows: number};

/**
 * Runs a program on a terminal behind such a line. Gives the median time from a key (`+`, `-`: the refresh interval in the
 * header changes) to the screen that shows it, in milliseconds.
 */
export async function thinLineKey(args: readonly string[], {columns, rows}: Size): Promise<number> {
  const screen = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
  const child = pty.spawn(process.execPath, [...args], {name: 'xterm-256color', cols: columns, rows});
  const changed = new Set<() => void>();
  const shown = (): void => {
    for (const look of changed) look();
  };
  child.onData(data => {
    child.pause();
    setTimeout(() => child.resume(), data.length / RATE);
    setTimeout(() => screen.write(data, shown), data.length / RATE + TRIP_MS);
  });
  let ended = false;
  child.onExit(() => {
    ended = true;
  });
  const type = (keys: string): void => void setTimeout(() => !ended && child.write(keys), TRIP_MS);
  screen.onData(type);
  const interval = (): string =>
    /↻ +(\S+ \S+)/.exec(screen.buffer.active.getLine(0)?.translateToString() ?? '')?.[1] ?? '';
  const until = (found: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('the screen did not change')), 60_000);
      const look = (): void => {
        if (!found()) return;
        clearTimeout(limit);
        changed.delete(look);
        resolve();
      };
      changed.add(look);
      look();
    });
  await until(() => interval() !== '');
  await pause(5000);
  const times: number[] = [];
  for (let i = 0; i < KEYS; i++) {
    const [before, start] = [interval(), performance.now()];
    type(i % 2 === 0 ? '+' : '-');
    await until(() => interval() !== before);
    times.push(performance.now() - start);
    await pause(570);
  }
  child.kill('SIGTERM');
  return quantile(times, 0.5);
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
