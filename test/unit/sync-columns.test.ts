import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {batchOf} from '../../src/sync/batch.ts';
import {arraysOf, COST_COLUMNS, MARK_COLUMNS, POSITION_COLUMNS, TRADE_COLUMNS} from '../../src/sync/sql-columns.ts';
import {syncEventOf} from '../../src/sync/sync-event.ts';
import {deskTrades, tradeEvent} from '../helpers/desk/desk-trades.ts';

/** The columns that a statement unnests under an alias, and the parameters that it unnests for them. */
function unnested(file: string, alias: string) {
  const sql = readFileSync(new URL(`../../sql/sync/${file}.sql`, import.meta.url), 'utf8');
  const [, parameters = '', columns = ''] =
    new RegExp(`unnest\\(([^)]*)\\)\\s+AS ${alias}\\(([^)]*)\\)`).exec(sql) ?? [];
  const split = (text: string) => text.split(',').map(part => part.trim());
  return {columns: split(columns), first: split(parameters)[0], count: split(parameters).length};
}

test.each([
  ['apply', 't', TRADE_COLUMNS, 1],
  ['adopt', 't', TRADE_COLUMNS, 1],
  ['positions', 'v', POSITION_COLUMNS, 1],
  ['realised_pnl', 'b', COST_COLUMNS, 1],
  ['marks', 'n', MARK_COLUMNS, 1],
] as const)('%s.sql unnests for %s the columns of its list, in order', (file, alias, list, first) => {
  const columns = Object.keys(list);
  expect(unnested(file, alias)).toEqual({columns, first: `$${first}::text[]`, count: columns.length});
});

test('events become one array a column, times as ISO 8601 and what is not stated as null', () => {
  const {trades} = batchOf(deskTrades(2).map(trade => syncEventOf(tradeEvent(trade))));
  const [ids, ...more] = arraysOf(trades, COST_COLUMNS);
  expect(ids).toEqual(['t0', 't1']);
  expect(more.at(-2)?.[0]).toBe('2026-11-20T09:30:00.000000Z');
  expect(arraysOf(trades, TRADE_COLUMNS)[7]).toEqual([null, null]);
});
