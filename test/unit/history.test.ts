import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {chartLines} from '../../components/lines/chart.ts';
import {PANES} from '../../components/panes/index.ts';
import {recordAll} from '../../src/app/record-history.ts';
import type {State} from '../../src/model/state.ts';
import {createNumberHistory} from '../../src/store/history.ts';
import {DOWN, failing, stateOf} from '../helpers/state/screen.ts';

const S = 1_000_000;
const at = (seconds: number) => 1_000_000 * S + seconds * S;
const figure = (value: number, key = 'a') => [{key, column: 'n', value}];

describe('the past of a number', () => {
  it('has a point every five seconds, gaps as gaps, from the first known one to now', () => {
    const history = createNumberHistory();
    for (const [seconds, n] of [
      [0, 1],
      [5, 2],
      [9, 3],
      [20, 4],
    ] as const)
      history.record('p', figure(n), at(seconds));
    expect(history.past('p', 'a', 'n', at(30))).toEqual({
      // The second of two points in the same five seconds counts.
      values: [1, 3, undefined, undefined, 4, undefined, undefined],
      everySeconds: 5,
    });
    expect(history.past('p', 'b', 'n', at(30))).toBeUndefined();
    expect(history.past('p', 'a', 'other', at(30))).toBeUndefined();
  });

  it('is an hour long, whatever was before', () => {
    const history = createNumberHistory();
    for (let i = 0; i < 2000; i++) history.record('p', figure(i), at(i * 5));
    const values = history.past('p', 'a', 'n', at(1999 * 5))?.values;
    expect([values?.length, values?.[0], values?.at(-1)]).toEqual([720, 1280, 1999]);
    history.record('p', figure(7), at(1999 * 5 + 7200));
    expect(history.past('p', 'a', 'n', at(1999 * 5 + 7200))?.values).toEqual([7]);
    expect(history.past('p', 'a', 'n', at(1999 * 5 + 20_000))).toBeUndefined();
  });

  it('is what was recorded, whether it stood still or moved, came always or with gaps', () => {
    const step = fc.record({
      after: fc.oneof(fc.constant(1), fc.constant(0), fc.integer({min: 0, max: 1000})),
      times: fc.integer({min: 1, max: 300}),
      value: fc.integer({min: 0, max: 3}),
    });
    fc.assert(
      fc.property(fc.array(step, {maxLength: 12}), fc.integer({min: 0, max: 800}), (steps, later) => {
        const history = createNumberHistory();
        const known = new Map<number, number>();
        let slot = 0;
        for (const {after, times, value} of steps) {
          slot += after;
          for (let i = 0; i < times; i++) {
            history.record('p', figure(value), at(slot * 5));
            known.set(slot, value);
            slot += i === times - 1 ? 0 : 1;
          }
        }
        const end = slot + later;
        const hour = Array.from({length: 720}, (_, i) => known.get(end - 719 + i));
        const first = hour.findIndex(value => value !== undefined);
        expect(history.past('p', 'a', 'n', at(end * 5))?.values).toEqual(first < 0 ? undefined : hour.slice(first));
      }),
    );
  });

  it('takes no more numbers than there is room for; one that is gone for an hour makes room', () => {
    const history = createNumberHistory({most: 2});
    history.record('p', [...figure(1, 'a'), ...figure(1, 'b'), ...figure(1, 'c')], at(0));
    const known = (seconds: number) => ['a', 'b', 'c', 'd'].filter(key => history.past('p', key, 'n', at(seconds)));
    expect(known(0)).toEqual(['a', 'b']);
    history.record('p', figure(2, 'b'), at(3000));
    history.record('p', [...figure(2, 'd'), ...figure(2, 'c')], at(3600));
    expect(known(3600)).toEqual(['b', 'd']);
  });
});

describe('the numbers that are recorded', () => {
  it('are those of the panes whose sources are read, and of no other', () => {
    const recorded = (state: State) => {
      const panes = new Map<string, number>();
      recordAll(state, {record: (pane, figures) => panes.set(pane, figures.length)});
      return panes;
    };
    const {samples} = stateOf();
    const all = recorded(stateOf());
    expect([...all.keys()]).toEqual(PANES.map(pane => pane.id));
    // A rate and two lags, and nothing of the trades themselves.
    expect(all.get('trades')).toBe(3);
    expect(all.get('positions')).toBeGreaterThan(100);
    const {positions, running} = samples;
    const few = recorded(
      stateOf({samples: {positions: {...positions, asleep: true}, running: {...running, state: 'stale'}}}),
    );
    expect([few.get('positions'), few.get('slow_queries'), few.get('trades')]).toEqual([0, 0, 3]);
  });

  it('are not those of a bus that is lost, nor kept from before a failure, and do not wait for what is not there', () => {
    const recorded = (state: State) => {
      const panes = new Map<string, number>();
      recordAll(state, {record: (pane, figures) => panes.set(pane, figures.length)});
      return ['trades', 'positions', 'server'].map(pane => (panes.get(pane) ?? 0) > 0);
    };
    const {bus, samples} = stateOf();
    expect(recorded(stateOf())).toEqual([true, true, true]);
    const lost = {...bus, link: {...bus.link, state: 'down'}} as const;
    expect(recorded(stateOf({bus: lost}))).toEqual([false, true, true]);
    // The table of trades says nothing about the bus.
    const down = failing(samples.positions, DOWN);
    expect(recorded(stateOf({samples: {positions: down, trades: failing(samples.trades, DOWN)}}))).toEqual([
      true,
      false,
      true,
    ]);
    const none = {...failing(samples.slots, DOWN), rows: [], state: 'unsupported'} as const;
    expect(recorded(stateOf({samples: {slots: none}}))).toEqual([true, true, true]);
  });
});

describe('a curve', () => {
  const draw = (values: readonly (number | undefined)[], width = 40, height = 5) =>
    chartLines({values, width, height, from: '12:00', to: '12:05'}).map(line => line.map(([text]) => text).join(''));

  it('has its values at the left and its times below', () => {
    expect(draw([0, 1, 2, 3, 4, 4, 4, 2, 0]).join('\n')).toMatchInlineSnapshot(`
      " 4.00 ┤   ╭──╮  
       3.00 ┤  ╭╯  │  
       2.00 ┤ ╭╯   ╰╮ 
       1.00 ┤╭╯     │ 
       0.00 ┤╯      ╰─
            └12:00─12:05"
    `);
    expect(draw([5, 5, 5]).join('\n')).toMatchInlineSnapshot(`
      " 5.50 ┤   
       5.25 ┤   
       5.00 ┤───
       4.75 ┤   
       4.50 ┤   
            └12:00─12:05"
    `);
    expect(draw([-0.5, undefined, undefined, 12_345_678, undefined]).join('\n')).toMatchInlineSnapshot(`
      " 12.3 M ┤   ─ 
        9.3 M ┤     
        6.2 M ┤     
        3.1 M ┤     
        −0.50 ┤─    
              └12:00─12:05"
    `);
  });

  it('shows a gap that is as long as one of its cells, wherever it begins', () => {
    // Half an hour in 40 cells: a minute is 12 of 360 points, 10 of which share a cell.
    for (let from = 20; from < 40; from++) {
      const values = Array.from({length: 360}, (_, i) => (i >= from && i < from + 12 ? undefined : 5));
      const line = draw(values, 46, 5).find(row => row.includes('──'));
      expect(line?.trimEnd().replace(/^.*┤/, ''), `from ${from}`).toMatch(/^─+ ─+$/);
    }
    // What was seen for a moment alone is not lost.
    expect(draw([5, 5, ...new Array(350).fill(undefined), 5], 46, 3).join('\n')).toMatch(/┤─ +─\n/);
  });

  it('is never wider than its room', () => {
    for (const n of [1, 2, 30, 720]) {
      for (const width of [30, 66, 108]) {
        const lines = draw(
          Array.from({length: n}, (_, i) => Math.sin(i / 9) * 1e7),
          width,
          11,
        );
        expect(lines).toHaveLength(12);
        for (const line of lines) expect(line.length, `${n} in ${width}`).toBeLessThanOrEqual(width);
      }
    }
  });
});
