import {afterEach, describe, expect, it, vi} from 'vitest';
import type {ServerRow} from '../../src/monitor/server.ts';
import {createFrameClock} from '../../src/store/frame-clock.ts';
import {seenState} from '../../src/store/frozen.ts';
import {createStore, type Store} from '../../src/store/store.ts';
import {initialUi} from '../../src/store/ui.ts';
import {ABOUT, BUS, NOW, SAMPLES, trade} from '../helpers/state/screen.ts';

/** A store with a clock that the test moves, on a bus with a trade a second. */
function desk({thin = false} = {}): {readonly store: Store; readonly pass: (seconds: number) => void} {
  let at = NOW;
  const store = createStore({
    about: ABOUT,
    ui: initialUi({focus: 'trades', refreshMs: 2000, readOnly: false}),
    bus: now => ({...BUS, tape: [trade(0, {executedAt: now})]}),
    pools: () => ({trading: {inUse: 0, idle: 1, waiting: 0, max: 1}, prefect: {inUse: 0, idle: 1, waiting: 0, max: 1}}),
    now: () => at,
    inputAlone: () => thin,
  });
  return {store, pass: seconds => (at += seconds * 1_000_000)};
}

describe('the store', () => {
  it('freezes the rows while it is paused, and nothing else', () => {
    const {store, pass} = desk();
    const {ui} = store.get();
    pass(1);
    store.setUi(ui);
    pass(1);
    store.setUi({...ui, paused: true});
    pass(5);
    store.setUi({...ui, paused: true, zoomed: true});
    const paused = store.get();
    expect([paused.at - NOW, seenState(paused).at - NOW]).toEqual([7_000_000, 1_000_000]);
    expect(seenState(paused).bus.tape[0]?.executedAt).toBe(NOW + 1_000_000);
    expect(seenState(paused).ui.zoomed).toBe(true);
    store.setUi(ui);
    expect(seenState(store.get())).toBe(store.get());
    store.close();
  });

  it('shows a person’s input alone on a thin line, and the rest soon after', () => {
    vi.useFakeTimers();
    const {store, pass} = desk({thin: true});
    pass(1);
    store.setUi({...store.get().ui, zoomed: true});
    expect([store.get().ui.zoomed, store.get().at]).toEqual([true, NOW]);
    vi.advanceTimersByTime(250);
    expect([store.get().ui.zoomed, store.get().at]).toEqual([true, NOW + 1_000_000]);
    store.close();
    vi.useRealTimers();
  });

  it('does not call a source stale that is not read any more, also where a last reading was under way', () => {
    const {store, pass} = desk();
    const {rows} = SAMPLES.positions;
    const state = () => store.now().samples.positions.state;
    store.record('positions', {ok: true, at: NOW, ms: 1, rows, everyMs: 2000});
    store.pace(['positions'], undefined);
    store.record('positions', {ok: true, at: NOW, ms: 1, rows, everyMs: 2000});
    pass(60);
    expect(state()).toBe('ok');
    store.pace(['positions'], 2000);
    expect(state()).toBe('ok');
    store.record('positions', {ok: true, at: NOW + 60_000_000, ms: 1, rows, everyMs: 2000});
    pass(7);
    expect(state()).toBe('stale');
    store.close();
  });

  it('keeps the last readings of the transactions per second', () => {
    const {store} = desk();
    const [row] = SAMPLES.server.rows as [ServerRow];
    for (let tps = 1; tps <= 31; tps++) store.record('server', {ok: true, at: NOW, ms: 1, rows: [{...row, tps}]});
    store.record('server', {
      ok: false,
      at: NOW,
      ms: 1,
      failure: {why: 'down', message: 'gone', next: '', retry: true},
      retryAt: undefined,
    });
    store.setUi(store.get().ui);
    expect(store.get().tpsHistory).toHaveLength(30);
    expect(store.get().tpsHistory?.slice(-3)).toEqual([29, 30, 31]);
    store.close();
  });
});

describe('the frames of a store', () => {
  afterEach(() => vi.useRealTimers());

  /** A store under fake timers, and the number of its frames. */
  function counted() {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date']});
    const begin = Date.now();
    const now = () => NOW + (Date.now() - begin) * 1000;
    const store = createStore({
      about: ABOUT,
      ui: initialUi({focus: 'trades', refreshMs: 2000, readOnly: false}),
      bus: () => BUS,
      pools: () => ({
        trading: {inUse: 0, idle: 1, waiting: 0, max: 1},
        prefect: {inUse: 0, idle: 1, waiting: 0, max: 1},
      }),
      now,
    });
    const seen = {frames: 0};
    store.subscribe(() => void seen.frames++);
    const read = () => store.record('tables', {ok: true, at: now(), ms: 1, rows: []});
    return {store, seen, read};
  }

  it('are one a second in a quiet minute, however many readings come', () => {
    const {store, seen, read} = counted();
    read();
    vi.advanceTimersByTime(2000);
    seen.frames = 0;
    for (let ms = 0; ms < 60_000; ms += 300) {
      read();
      vi.advanceTimersByTime(300);
    }
    expect(seen.frames).toBe(60);
    store.close();
  });

  it('come soon where a source’s state changes, and while a person waits for a reading', () => {
    const {store, seen, read} = counted();
    store.setUi(store.get().ui);
    vi.advanceTimersByTime(5000);
    const framesOf = (change: () => void): number => {
      seen.frames = 0;
      change();
      vi.advanceTimersByTime(10);
      return seen.frames;
    };
    vi.advanceTimersByTime(300);
    expect(framesOf(read)).toBe(0);
    vi.advanceTimersByTime(60);
    expect(seen.frames).toBe(1);
    vi.advanceTimersByTime(300);
    expect(framesOf(read)).toBe(0);
    store.setUi(store.get().ui);
    vi.advanceTimersByTime(700);
    expect(framesOf(read)).toBe(1);
    store.close();
  });
});

describe('the frame clock', () => {
  afterEach(() => vi.useRealTimers());

  /** A clock under fake timers that begins 300 ms after a full second, and the times of its frames since then. */
  function frames(drawing: () => void = () => {}) {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
    const begin = performance.now();
    const ms = () => performance.now() - begin;
    const drawn: number[] = [];
    const terminal = {ready: true};
    const draw = () => {
      drawn.push(Math.round(ms()));
      drawing();
    };
    const time = () => NOW + (50 + ms()) * 1000;
    return {drawn, terminal, clock: createFrameClock({draw, time, mayDraw: () => terminal.ready})};
  }

  it('draws at once what a person did, and anything else at most four times a second', () => {
    const {drawn, clock} = frames();
    clock.now();
    for (let ms = 0; ms < 600; ms += 10) {
      clock.soon();
      vi.advanceTimersByTime(10);
    }
    clock.now();
    expect(drawn).toEqual([0, 250, 500, 600]);
    clock.close();
  });

  it('draws at each full second when nothing happens, and nothing after its end', () => {
    const {drawn, clock} = frames();
    clock.now();
    vi.advanceTimersByTime(2900);
    expect(drawn).toEqual([0, 700, 1700, 2700]);
    clock.close();
    clock.now();
    clock.soon();
    vi.advanceTimersByTime(5000);
    expect(drawn).toHaveLength(4);
  });

  it('draws what comes in a moment in one frame, and within an interval where it keeps coming', () => {
    const {drawn, clock} = frames();
    for (const ms of [10, 40, 59]) {
      clock.settle();
      vi.advanceTimersByTime(ms);
    }
    expect(drawn).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(drawn).toEqual([110]);
    for (let ms = 0; ms < 600; ms += 20) {
      clock.settle();
      vi.advanceTimersByTime(20);
    }
    expect(drawn.slice(1)).toEqual([360, 620]);
    clock.close();
    clock.settle();
    vi.advanceTimersByTime(5000);
    expect(drawn).toHaveLength(3);
  });

  it('waits while the terminal still takes the last frame, and draws the more seldom the longer that took', () => {
    const {drawn, terminal, clock} = frames();
    clock.now();
    terminal.ready = false;
    clock.soon();
    vi.advanceTimersByTime(999);
    expect(drawn).toEqual([0]);
    terminal.ready = true;
    for (let ms = 999; ms < 4000; ms += 10) {
      clock.soon();
      vi.advanceTimersByTime(10);
    }
    const gaps = drawn.map((at, i) => at - (drawn[i - 1] ?? 0));
    // A second and a quarter after the frame that took a second, then half of that, and so on down to a quarter.
    expect(gaps).toEqual([0, 1000, 1250, 625, 312, 250, 250, 250]);
    clock.close();
  });

  it('draws again soon when a frame itself asks for one', () => {
    let left = 2;
    const {drawn, clock} = frames(() => {
      if (left-- > 0) clock.soon();
    });
    clock.now();
    vi.advanceTimersByTime(600);
    expect(drawn).toEqual([0, 250, 500]);
    clock.close();
  });
});
