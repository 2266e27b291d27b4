import {PassThrough} from 'node:stream';
import {render} from 'ink';
import {createElement} from 'react';
import {describe, expect, it} from 'vitest';
import {App} from '../../components/App.tsx';
import type {State} from '../../src/model/state.ts';
import {gap, NOW, ok, position, SAMPLES, stateOf, syncRow, trade} from '../helpers/state/screen.ts';

/** Draws a screen for each State in turn. Returns for each how often the rows of positions were read. */
function readsOf(change: (state: State) => readonly State[]): readonly number[] {
  let count = 0;
  const rows = new Proxy([position(0), position(1)], {
    get: (target, name, receiver) => {
      count++;
      return Reflect.get(target, name, receiver);
    },
  });
  const held = ok([position(0)]);
  const [first, ...rest] = change(stateOf({samples: {positions: {...held, rows}}})) as [State, ...State[]];
  const stdout = Object.assign(new PassThrough(), {columns: 120, rows: 34}) as unknown as NodeJS.WriteStream;
  const screen = (state: State) => createElement(App, {state, columns: 120, rows: 34});
  const app = render(screen(first), {stdout, debug: true, patchConsole: false});
  const counts = [count];
  for (const state of rest) {
    count = 0;
    app.rerender(screen(state));
    counts.push(count);
  }
  app.unmount();
  return counts;
}

describe('a frame', () => {
  it('makes the lines of a pane only when they change', () => {
    const [first, later, traded, marked, second] = readsOf(one => {
      const next = {...one, at: NOW + 100_000};
      const tape = {...next, bus: {...next.bus, tape: [trade(0), ...next.bus.tape], seen: 18_205}};
      const marks = new Map([...tape.bus.marks, ['AAPL', {price: '188.0000', at: NOW}] as const]);
      const priced = {...tape, bus: {...tape.bus, marks}};
      return [one, next, tape, priced, {...priced, at: NOW + 1_000_000}];
    });
    expect(first).toBeGreaterThan(0);
    expect([later, traded]).toEqual([0, 0]);
    expect(marked).toBeGreaterThan(0);
    // The ages in its rows have grown.
    expect(second).toBeGreaterThan(0);
  });

  it('makes header and server figures once a second', () => {
    let reads = 0;
    const row = new Proxy(SAMPLES.server.rows[0] as object, {
      get: (target, name, receiver) => {
        reads++;
        return Reflect.get(target, name, receiver);
      },
    }) as (typeof SAMPLES.server.rows)[number];
    const one = stateOf({samples: {server: {...SAMPLES.server, rows: [row]}}});
    const stdout = Object.assign(new PassThrough(), {columns: 120, rows: 34}) as unknown as NodeJS.WriteStream;
    const screen = (state: State) => createElement(App, {state, columns: 120, rows: 34});
    const app = render(screen(one), {stdout, debug: true, patchConsole: false});
    const readsAt = (at: number) => {
      reads = 0;
      app.rerender(screen({...one, at, bus: {...one.bus, seen: at}}));
      return reads;
    };
    // The health pane reads the row at every frame.
    const health = readsAt(NOW + 100_000);
    expect(readsAt(NOW + 200_000)).toBe(health);
    expect(readsAt(NOW + 1_000_000)).toBeGreaterThan(health);
    app.unmount();
  });

  it('reads the rows of the sync pane once a reading where it has one line, and not at all where it has none', () => {
    let reads = 0;
    const gaps = new Proxy([gap()], {
      get: (target, name, receiver) => {
        reads++;
        return Reflect.get(target, name, receiver);
      },
    });
    const one = stateOf({samples: {sync: ok([syncRow({gaps})])}});
    const stdout = Object.assign(new PassThrough(), {columns: 120, rows: 34}) as unknown as NodeJS.WriteStream;
    const readsAt = (rows: number, columns: number, states: readonly State[]) => {
      const screen = (state: State) => createElement(App, {state, columns, rows});
      const app = render(screen(states[0] as State), {stdout, debug: true, patchConsole: false});
      const counts = states.map(state => {
        reads = 0;
        app.rerender(screen(state));
        return reads;
      });
      app.unmount();
      return counts;
    };
    expect(readsAt(34, 120, [one, {...one, at: NOW + 1_000_000}])).toEqual([0, 0]);
    const again = {...one, samples: {...one.samples, sync: ok([syncRow({gaps})])}};
    const [, second, read] = readsAt(24, 80, [one, {...one, at: NOW + 1_000_000}, again]);
    expect(second).toBe(0);
    expect(read).toBeGreaterThan(0);
    const focused = (state: State) => ({...state, ui: {...state.ui, focus: 'sync'}}) as State;
    expect(readsAt(34, 120, [focused(one), focused({...one, at: NOW + 100_000})])[1]).toBe(0);
  });
});
