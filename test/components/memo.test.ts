import {PassThrough} from 'node:stream';
import {render} from 'ink';
import {createElement} from 'react';
import {describe, expect, it} from 'vitest';
import {App} from '../../components/App.tsx';
import type {State} from '../../src/model/state.ts';
import {gap, NOW, ok, position, stateOf, syncRow, trade} from '../helpers/state/screen.ts';

/** Draws a screen for each State in turn; gives how often the rows of positions were looked at for each. */
function looks(change: (state: State) => readonly State[]): readonly number[] {
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
  it('makes the lines of a pane again only when it shows something else', () => {
    const [first, later, traded, marked, second] = looks(one => {
      const next = {...one, at: NOW + 100_000};
      const tape = {...next, bus: {...next.bus, tape: [trade(0), ...next.bus.tape], seen: 18_205}};
      const marks = new Map([...tape.bus.marks, ['AAPL', {price: '188.0000', at: NOW}] as const]);
      const priced = {...tape, bus: {...tape.bus, marks}};
      return [one, next, tape, priced, {...priced, at: NOW + 1_000_000}];
    });
    expect(first).toBeGreaterThan(0);
    expect([later, traded]).toEqual([0, 0]);
    expect(marked).toBeGreaterThan(0);
    // Ages in its rows have grown.
    expect(second).toBeGreaterThan(0);
  });

  it('looks at the synchroniser’s books once a reading where they are told in a line, and not at all in the grid', () => {
    let looked = 0;
    const gaps = new Proxy([gap()], {
      get: (target, name, receiver) => {
        looked++;
        return Reflect.get(target, name, receiver);
      },
    });
    const one = stateOf({samples: {sync: ok([syncRow({gaps})])}});
    const stdout = Object.assign(new PassThrough(), {columns: 120, rows: 34}) as unknown as NodeJS.WriteStream;
    const looksAt = (rows: number, columns: number, states: readonly State[]) => {
      const screen = (state: State) => createElement(App, {state, columns, rows});
      const app = render(screen(states[0] as State), {stdout, debug: true, patchConsole: false});
      const counts = states.map(state => {
        looked = 0;
        app.rerender(screen(state));
        return looked;
      });
      app.unmount();
      return counts;
    };
    expect(looksAt(34, 120, [one, {...one, at: NOW + 1_000_000}])).toEqual([0, 0]);
    const again = {...one, samples: {...one.samples, sync: ok([syncRow({gaps})])}};
    const [, second, read] = looksAt(24, 80, [one, {...one, at: NOW + 1_000_000}, again]);
    expect(second).toBe(0);
    expect(read).toBeGreaterThan(0);
    const focused = (state: State) => ({...state, ui: {...state.ui, focus: 'sync'}}) as State;
    expect(looksAt(34, 120, [focused(one), focused({...one, at: NOW + 100_000})])[1]).toBe(0);
  });
});
