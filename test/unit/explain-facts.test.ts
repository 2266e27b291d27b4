import {describe, expect, it} from 'vitest';
import {factsOf, wholeScans} from '../../src/explain/facts.ts';

const plan = (filter: string, rows = 6) => [
  'Limit  (cost=0.00..1.00 rows=1 width=4)',
  `  ->  Seq Scan on execution.trades t  (cost=0.00..189.00 rows=${rows} width=12)`,
  `        Filter: ${filter}`,
];
const trades = (change: object = {}) => [
  {name: 'execution.trades', rows: 9_100_000, first_columns: 'trade_id,executed_at', ...change},
];
const facts = (filter: string, rows?: number, change?: object) =>
  factsOf(wholeScans(plan(filter, rows)), trades(change));

describe('what is certain of a plan', () => {
  it('is that a large table is read whole for few rows, and that no index begins with the column', () => {
    expect(facts("(t.symbol = 'AAPL'::text)")).toEqual([
      "execution.trades is read whole, about 9.1 M rows, for about 6: (t.symbol = 'AAPL'::text); no index of it begins with a column of the filter",
    ]);
    expect(facts('(t.trade_id ~~ $1)')).toEqual([
      'execution.trades is read whole, about 9.1 M rows, for about 6: (t.trade_id ~~ $1)',
    ]);
  });

  it('is nothing where the table is small, most of it is wanted, or nothing is filtered', () => {
    expect(facts('(t.n = 1)', 6, {rows: 800})).toEqual([]);
    expect(facts('(t.n = 1)', 5_000_000)).toEqual([]);
    expect(facts('(t.n = 1)', 6, {name: 'another'})).toEqual([]);
    expect(wholeScans(plan('x').slice(0, 2))).toEqual([]);
    expect(wholeScans(['Seq Scan on "Odd name"  (cost=0.00..1.00 rows=1 width=4)', '  Filter: (a = 1)'])).toEqual([]);
  });
});
