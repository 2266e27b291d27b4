import type {Batch} from './batch.ts';
import {keepNewest} from './newest.ts';
import type {Applied} from './outcome.ts';
import {type CostedTrade, withRealisedPnl} from './realised-pnl.ts';
import type {Ask} from './session.ts';
import {arraysOf, POSITION_COLUMNS, TRADE_COLUMNS} from './sql-columns.ts';

/**
 * Applies a batch inside a transaction: the ledger and what the trades add to analytics, the view of positions, the
 * last prices. To apply it again changes nothing.
 */
export async function applyBatch(ask: Ask, batch: Batch): Promise<Applied> {
  const trades = await withRealisedPnl(ask, batch.trades);
  const entered = await applyTrades(ask, trades);
  const duplicates = trades.length - entered;
  const adopted = duplicates === 0 ? 0 : await adopt(ask, trades);
  return {trades: entered, duplicates, adopted, ...(await keepNewest(ask, batch))};
}

async function applyTrades(ask: Ask, trades: readonly CostedTrade[]): Promise<number> {
  if (trades.length === 0) return 0;
  const [row] = await ask('sync/apply', [...arraysOf(trades, TRADE_COLUMNS), ...arraysOf([], POSITION_COLUMNS)]);
  return Number(row?.trades);
}

async function adopt(ask: Ask, trades: readonly CostedTrade[]): Promise<number> {
  const [row] = await ask('sync/adopt', arraysOf(trades, TRADE_COLUMNS));
  return Number(row?.adopted);
}
