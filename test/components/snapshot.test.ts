import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {PANES, paneOf} from '../../components/panes/index.ts';
import {csvOf} from '../../src/app/csv.ts';
import {jsonOf} from '../../src/app/snapshot-forms.ts';
import type {State} from '../../src/model/state.ts';
import {
  DENIED,
  DOWN,
  failing,
  NOW,
  ok,
  position,
  SAMPLES,
  stale,
  stateOf,
  UNSUPPORTED,
  waiting,
} from '../helpers/state/screen.ts';

/** Reads CSV as RFC 4180 says. */
function parse(csv: string): readonly (readonly string[])[] {
  const fields = [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of fields) {
    lines.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
  }
  return lines.slice(0, -1);
}

describe('a pane as CSV', () => {
  it('has every column, all digits, ISO times, and nothing for what is not known', () => {
    const rows = ok([position(0, {mark: undefined, markAt: undefined, quantity: '1234567.5000'})]);
    const csv = csvOf(paneOf('positions').table(stateOf({samples: {positions: rows}, bus: {marks: new Map()}})));
    expect(csv).toMatchInlineSnapshot(`
      "account_id,symbol,quantity,avg_price,mark,market_value,unrealized_pnl,realized_pnl,mark_at,last_updated
      ACC-01,AAPL,1234567.5000,179.6385,,23390.4250,935.6170,-0.2500,,2026-11-22T12:04:26.250000Z
      "
    `);
  });

  it('is read back as it was, whatever the texts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({unit: 'binary', maxLength: 12}), {minLength: 2, maxLength: 2}), {maxLength: 4}),
        texts => {
          const rows = texts.map(([a = '', b = '']) => ({key: a, texts: [], values: {a, b}}));
          expect(parse(csvOf({fields: ['a', 'b'], rows}))).toEqual([['a', 'b'], ...texts]);
        },
      ),
    );
  });
});

type Panes = Readonly<
  Record<string, {readonly state: string; readonly why?: string; readonly remarks?: readonly string[]}>
>;
const panesOf = (state: State): Panes =>
  (
    jsonOf(
      state,
      PANES.map(pane => pane.table(state)),
    ) as {readonly panes: Panes}
  ).panes;
const samplesAs = (held: State['samples']['positions']) =>
  Object.fromEntries(Object.keys(SAMPLES).map(id => [id, held])) as unknown as State['samples'];

describe('every pane in the document', () => {
  // These have rows of their own, or the bus's.
  const OTHERS = ['trades', 'health', 'alerts', 'checks'];

  it.each([
    ['waiting', waiting],
    ['empty', ok([])],
    ['stale', stale(ok([]))],
    ['down', failing(ok([]), DOWN)],
    ['denied', failing(waiting, DENIED)],
    ['unsupported', failing(waiting, UNSUPPORTED)],
  ] as const)('is %s where its sources are', (word, held) => {
    const panes = panesOf(stateOf({samples: samplesAs(held)}));
    const states = Object.entries(panes)
      .filter(([id]) => !OTHERS.includes(id))
      .map(([id, {state}]) => `${id} ${state}`);
    expect(states.filter(text => !text.endsWith(` ${word}`))).toEqual([]);
  });

  it('is not empty where one of its sources fails', () => {
    for (const pane of PANES.filter(({id}) => !OTHERS.includes(id))) {
      for (const id of pane.reads(stateOf())) {
        const state = stateOf({samples: {...samplesAs(ok([])), [id]: failing(waiting, DENIED)}});
        const [shown] = Object.values((jsonOf(state, [pane.table(state)]) as {readonly panes: Panes}).panes);
        expect(`${pane.id} without ${id}: ${shown?.state}`).toBe(`${pane.id} without ${id}: denied`);
      }
    }
  });

  it('keeps its rows and says so where a second source fails', () => {
    const state = stateOf({samples: {running: failing(SAMPLES.running, DENIED)}});
    const {slow_queries} = panesOf(state);
    expect(slow_queries?.state).toBe('ok');
    expect(slow_queries?.remarks).toEqual([expect.stringContaining('running queries denied')]);
    expect(state.at).toBe(NOW);
  });
});
