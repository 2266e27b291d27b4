import type {Batch} from './batch.ts';
import type {Applied} from './outcome.ts';
import type {Ask} from './session.ts';
import {settle} from './settle.ts';
import {arraysOf, MARK_COLUMNS, POSITION_COLUMNS} from './sql-columns.ts';

/**
 * Applies a batch inside a transaction: the ledger and what its trades come to in analytics, the view of positions, the
 * last prices. To apply it again changes nothing.
 */
export async function applyBatch(ask: Ask, {trades, rows, positions, marks}: Batch): Promise<Applied> {
  const {entered, changed, refused, ...counts} = await settle(ask, {events: trades, rows});
  const newest = positions.length === 0 ? [] : await ask('sync/positions', arraysOf(positions, POSITION_COLUMNS));
  const marked = marks.length === 0 ? [] : await ask('sync/marks', arraysOf(marks, MARK_COLUMNS));
  return {
    ...counts,
    trades: entered,
    duplicates: Math.max(0, trades.length + rows.length - entered - refused.length - counts.busted),
    adopted: changed,
    refused,
    positions: newest.length,
    stalePositions: positions.length - newest.length,
    marks: marked.length,
    staleMarks: marks.length - marked.length,
  };
}
