import type {Batch} from './batch.ts';
import type {Applied} from './outcome.ts';
import {type CostedTrade, withRealisedPnl} from './realised-pnl.ts';
import type {Ask} from './session.ts';
import {arraysOf, MARK_COLUMNS, POSITION_COLUMNS, TRADE_COLUMNS} from './sql-columns.ts';
import type {SyncPosition} from './sync-event.ts';

/**
 * Applies a batch inside a transaction: the ledger and what the trades add to analytics, the view of positions, the
 * last prices. To apply it again changes nothing.
 */
export async function applyBatch(ask: Ask, batch: Batch): Promise<Applied> {
  const trades = await withRealisedPnl(ask, batch.trades);
  const counts = await applyTradesAndPositions(ask, trades, batch.positions);
  const duplicates = trades.length - counts.trades;
  const adopted = duplicates === 0 ? 0 : await adopt(ask, trades);
  const marked = batch.marks.length === 0 ? [] : await ask('sync/marks', arraysOf(batch.marks, MARK_COLUMNS));
  return {
    trades: counts.trades,
    duplicates,
    adopted,
    positions: counts.positions,
    stalePositions: batch.positions.length - counts.positions,
    marks: marked.length,
    staleMarks: batch.marks.length - marked.length,
  };
}

async function applyTradesAndPositions(
  ask: Ask,
  trades: readonly CostedTrade[],
  positions: readonly SyncPosition[],
): Promise<Pick<Applied, 'trades' | 'positions'>> {
  if (trades.length === 0 && positions.length === 0) return {trades: 0, positions: 0};
  const params = [...arraysOf(trades, TRADE_COLUMNS), ...arraysOf(positions, POSITION_COLUMNS)];
  const [row] = await ask('sync/apply', params);
  return {trades: Number(row?.trades), positions: Number(row?.positions)};
}

async function adopt(ask: Ask, trades: readonly CostedTrade[]): Promise<number> {
  const [row] = await ask('sync/adopt', arraysOf(trades, TRADE_COLUMNS));
  return Number(row?.adopted);
}
