import {Box, render} from 'ink';
import {createElement, Fragment} from 'react';
import {afterEach, describe, expect, it, vi} from 'vitest';
import {App} from '../../components/App.tsx';
import {createInkScreen} from '../../src/app/screen/ink-screen.ts';
import {createLineGauge} from '../../src/app/screen/line-gauge.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {createStore} from '../../src/store/store.ts';
import {initialUi} from '../../src/store/ui.ts';
import {ABOUT, BUS, NOW, trade} from '../helpers/state/screen.ts';

// A line of 64 kbit/s, 150 ms long, in a time that the test moves: what it carries is counted, not measured.
const [RATE, TRIP_MS] = [8, 150];

type Line = {taking: boolean; answers: boolean; readonly rate?: number};

/** A console in a flood of trades on such a line. */
function far(size: {readonly columns: number; readonly rows: number}, line: Line = {taking: true, answers: true}) {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
  const begin = performance.now();
  const ms = () => performance.now() - begin;
  const seen = {frames: 0, asked: 0, sent: 0, most: 0, answeredAt: Number.POSITIVE_INFINITY};
  const {rate = RATE} = line;
  const held: string[] = [];
  let [free, trades, waits] = [0, 0, /\S/];
  const carry = (text: string): void => {
    seen.sent += text.length;
    if (text.includes('\x1b[5n')) seen.asked++;
    free = Math.max(free, ms()) + text.length / rate;
    seen.most = Math.max(seen.most, (free - ms()) * rate);
    if (!line.taking) return void held.push(text);
    const arrives = free - ms() + TRIP_MS;
    setTimeout(() => {
      if (waits.test(text)) seen.answeredAt = Math.min(seen.answeredAt, ms());
      if (line.answers && text.includes('\x1b[5n')) setTimeout(() => screen.heard('\x1b[0n'), TRIP_MS);
    }, arrives);
  };
  const screen = createInkScreen({
    output: {write: carry, busy: () => false},
    size: () => size,
    onResize: () => () => {},
    gauge: createLineGauge(ms),
  });
  const pool = {inUse: 0, idle: 1, waiting: 0, max: 1};
  const store = createStore({
    about: ABOUT,
    ui: initialUi({focus: 'trades', refreshMs: 2000, readOnly: false}),
    bus: at => ({
      ...BUS,
      tape: Array.from({length: 60}, (_, i) => trade(i, {executedAt: at - i * 900, quantity: `${++trades}`})),
    }),
    pools: () => ({trading: pool, prefect: pool}),
    now: () => NOW + ms() * 1000,
    mayDraw: screen.ready,
    inputAlone: screen.thin,
  });
  const element = () =>
    createElement(
      Fragment,
      null,
      createElement(App, {state: store.get(), ...size}),
      createElement(Box, {ref: screen.attach, position: 'absolute'}),
    );
  const app = render(element(), {
    stdout: screen.stdout,
    debug: true,
    patchConsole: false,
    interactive: true,
    alternateScreen: true,
  });
  store.subscribe(() => {
    seen.frames++;
    app.rerender(element());
  });
  return {
    line,
    seen,
    store,
    pass: (time: number) => {
      for (let t = 0; t < time; t += 10) {
        store.touch();
        vi.advanceTimersByTime(10);
      }
    },
    /** The terminal takes again what it had left. */
    goOn: () => {
      line.taking = true;
      for (const text of held.splice(0)) carry(text);
    },
    /** How long a key waits for its answer on the screen, the way of the key included. */
    key: (word: string): number => {
      const at = ms();
      vi.advanceTimersByTime(TRIP_MS);
      [seen.answeredAt, waits] = [Number.POSITIVE_INFINITY, new RegExp(word)];
      store.setUi({...store.get().ui, note: {text: sanitise(word), at: NOW + ms() * 1000}});
      for (let t = 0; t < 3000 && seen.answeredAt > ms(); t += 10) {
        store.touch();
        vi.advanceTimersByTime(10);
      }
      return Math.round(seen.answeredAt - at);
    },
    end: () => {
      store.close();
      screen.close();
      app.unmount();
    },
  };
}

describe('on a line of 64 kbit/s, in a flood,', () => {
  afterEach(() => vi.useRealTimers());

  it('a key is answered within the round trip and 150 ms, while all of the tape is shown again and again', () => {
    const {seen, pass, key, end} = far({columns: 160, rows: 48});
    pass(3000);
    Object.assign(seen, {frames: 0, sent: 0, most: 0});
    const waits = ['qqqqqq', 'zzzzzz', 'QQQQQQ', 'ZZZZZZ'].map(word => {
      pass(310);
      return key(word);
    });
    expect(waits.filter(wait => wait > 2 * TRIP_MS + 150)).toEqual([]);
    expect(seen.frames - waits.length).toBeGreaterThanOrEqual(3);
    expect(seen.most).toBeLessThan(RATE * 150);
    end();
  });

  it('sends hardly anything while the terminal takes nothing for minutes, and goes on when it does', () => {
    const {line, seen, pass, goOn, key, end} = far({columns: 80, rows: 24});
    pass(2000);
    line.taking = false;
    pass(1000);
    Object.assign(seen, {frames: 0, sent: 0, asked: 0});
    pass(180_000);
    expect(seen.frames).toBe(0);
    expect(seen.sent).toBeLessThan(500);
    // The terminal answers all questions at last, perhaps to a shell.
    expect(seen.asked).toBeLessThan(10);
    goOn();
    pass(3000);
    expect(key('qqqqqq')).toBeLessThan(2 * TRIP_MS + 150);
    // An answer that another program took is not waited for.
    line.answers = false;
    pass(1000);
    line.answers = true;
    pass(3000);
    expect(key('zzzzzz')).toBeLessThan(2 * TRIP_MS + 150);
    end();
  });

  it('does not take a stall for the speed of the line', () => {
    const {line, pass, goOn, key, end} = far({columns: 80, rows: 24}, {taking: true, answers: true, rate: 1000});
    pass(1000);
    line.taking = false;
    pass(60_000);
    goOn();
    pass(500);
    expect(key('qqqqqq')).toBeLessThan(2 * TRIP_MS + 150);
    end();
  });

  it('asks a terminal that does not answer no more, and draws for it as for any other', () => {
    const {seen, pass, end} = far({columns: 80, rows: 24}, {taking: true, answers: false});
    pass(4000);
    Object.assign(seen, {frames: 0, asked: 0});
    pass(2000);
    expect(seen.asked).toBe(0);
    expect(seen.frames).toBeGreaterThanOrEqual(7);
    end();
  });
});
