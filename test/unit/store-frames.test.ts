import {describe, expect, it} from 'vitest';
import type {ServerRow} from '../../src/monitor/server.ts';
import {seenState} from '../../src/store/frozen.ts';
import {createStore, type Store} from '../../src/store/store.ts';
import {initialUi} from '../../src/store/ui.ts';
import {ABOUT, BUS, NOW, SAMPLES, trade} from '../helpers/state/screen.ts';

/** A store whose clock is turned by hand, on a bus that brings a trade a second. */
function desk(): {readonly store: Store; readonly turn: (seconds: number) => void} {
  let at = NOW;
  const store = createStore({
    about: ABOUT,
    ui: initialUi({refreshMs: 2000, readOnly: false}),
    bus: now => ({...BUS, tape: [trade(0, {executedAt: now})]}),
    pools: () => ({trading: {inUse: 0, idle: 1, waiting: 0, max: 1}, prefect: {inUse: 0, idle: 1, waiting: 0, max: 1}}),
    now: () => at,
  });
  return {store, turn: seconds => (at += seconds * 1_000_000)};
}

describe('the store', () => {
  it('holds the rows still while it is paused, and nothing else', () => {
    const {store, turn} = desk();
    const {ui} = store.get();
    turn(1);
    store.setUi(ui);
    turn(1);
    store.setUi({...ui, paused: true});
    turn(5);
    store.setUi({...ui, paused: true, zoomed: true});
    const paused = store.get();
    expect([paused.at - NOW, seenState(paused).at - NOW]).toEqual([7_000_000, 1_000_000]);
    expect(seenState(paused).bus.tape[0]?.executedAt).toBe(NOW + 1_000_000);
    expect(seenState(paused).ui.zoomed).toBe(true);
    store.setUi(ui);
    expect(seenState(store.get())).toBe(store.get());
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
