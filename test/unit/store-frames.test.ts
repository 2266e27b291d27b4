import {afterEach, describe, expect, it, vi} from 'vitest';
import type {ServerRow} from '../../src/monitor/server.ts';
import {createFrameClock} from '../../src/store/frame-clock.ts';
import {seenState} from '../../src/store/frozen.ts';
import {createStore, type Store} from '../../src/store/store.ts';
import {initialUi} from '../../src/store/ui.ts';
import {ABOUT, BUS, NOW, SAMPLES, trade} from '../helpers/state/screen.ts';

/** A store with a clock that the test moves, on a bus with a trade a second. */
function desk(): {readonly store: Store; readonly pass: (seconds: number) => void} {
  let at = NOW;
  const store = createStore({
    about: ABOUT,
    ui: initialUi({focus: 'trades', refreshMs: 2000, readOnly: false}),
    bus: now => ({...BUS, tape: [trade(0, {executedAt: now})]}),
    pools: () => ({trading: {inUse: 0, idle: 1, waiting: 0, max: 1}, prefect: {inUse: 0, idle: 1, waiting: 0, max: 1}}),
    now: () => at,
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

describe('the frame clock', () => {
  afterEach(() => vi.useRealTimers());

  /** A clock under fake timers, and the times of its frames since the start. */
  function frames() {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
    const begin = performance.now();
    const drawn: number[] = [];
    const terminal = {ready: true};
    const draw = () => {
      drawn.push(Math.round(performance.now() - begin));
    };
    return {drawn, terminal, clock: createFrameClock({draw, frameMs: 100, mayDraw: () => terminal.ready})};
  }

  it('draws at once what a person did, and anything else at most once an interval', () => {
    const {drawn, clock} = frames();
    clock.now();
    for (let ms = 0; ms < 250; ms += 10) {
      clock.soon();
      vi.advanceTimersByTime(10);
    }
    clock.now();
    expect(drawn).toEqual([0, 100, 200, 250]);
    clock.close();
  });

  it('draws once a second when nothing happens, and nothing after its end', () => {
    const {drawn, clock} = frames();
    clock.now();
    vi.advanceTimersByTime(2500);
    expect(drawn).toEqual([0, 1000, 2000]);
    clock.close();
    clock.now();
    clock.soon();
    vi.advanceTimersByTime(5000);
    expect(drawn).toEqual([0, 1000, 2000]);
  });

  it('waits while the terminal still writes the last frame', () => {
    const {drawn, terminal, clock} = frames();
    clock.now();
    terminal.ready = false;
    clock.soon();
    vi.advanceTimersByTime(450);
    expect(drawn).toEqual([0]);
    terminal.ready = true;
    vi.advanceTimersByTime(100);
    expect(drawn).toEqual([0, 500]);
    clock.close();
  });

  it('draws again soon when a frame itself asks for one', () => {
    vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'performance']});
    let left = 2;
    let drawn = 0;
    const draw = () => {
      drawn++;
      if (left-- > 0) clock.soon();
    };
    const clock = createFrameClock({draw, frameMs: 100, mayDraw: () => true});
    clock.now();
    vi.advanceTimersByTime(300);
    expect(drawn).toBe(3);
    clock.close();
  });
});
