import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {batchOf} from '../../src/sync/batch.ts';
import type {NewEntry} from '../../src/sync/new-entry.ts';
import {resolveTrade} from '../../src/sync/resolve.ts';
import {arraysOf, ENTRY_COLUMNS, MARK_COLUMNS, POSITION_COLUMNS} from '../../src/sync/sql-columns.ts';
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
  ['settle', 'n', ENTRY_COLUMNS],
  ['positions', 'v', POSITION_COLUMNS],
  ['marks', 'n', MARK_COLUMNS],
] as const)('%s.sql unnests for %s the columns of its list, in order', (file, alias, list) => {
  const columns = Object.keys(list);
  expect(unnested(file, alias)).toEqual({columns, first: '$1::text[]', count: columns.length});
});

test('events become one array a column, times as ISO 8601 and what is not stated as null', () => {
  const {trades} = batchOf(deskTrades(2).map(trade => syncEventOf(tradeEvent(trade))));
  const no = {busted: false, rejected: false, archived: false, rowArchived: false};
  const nothing = {row: undefined, entry: undefined, orderSide: undefined, closedBefore: undefined, ...no};
  const entries = trades.map(trade => resolveTrade(trade.key, trade, nothing, trade.executedAt).entry as NewEntry);
  const named = Object.fromEntries(
    Object.keys(ENTRY_COLUMNS).map((name, i) => [name, arraysOf(entries, ENTRY_COLUMNS)[i]]),
  );
  expect(named).toMatchObject({trade_id: ['t0', 't1'], row_id: [null, null], moves: ['true', 'true']});
  expect(named.executed_at?.[0]).toBe('2026-11-20T09:30:00.000000Z');
});
