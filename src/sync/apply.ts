import type {Batch} from './batch.ts';
import {keepNewest} from './newest.ts';
import type {Applied} from './outcome.ts';
import type {Ask} from './session.ts';
import {settle} from './settle.ts';

/**
 * Applies a batch inside a transaction: the ledger and what its trades come to in analytics, the view of positions, the
 * last prices. To apply it again changes nothing.
 */
export async function applyBatch(ask: Ask, batch: Batch): Promise<Applied> {
  const {trades, rows, arrivals} = batch;
  const {entered, changed, refused, ...counts} = await settle(ask, {
    events: trades,
    rows,
    ...(arrivals ? {arrivals} : {}),
  });
  const newest = await keepNewest(ask, batch);
  return {
    ...counts,
    trades: entered,
    duplicates: Math.max(0, trades.length + rows.length - entered - refused.length - counts.busted),
    adopted: changed,
    ...newest,
    refused: [...refused, ...newest.refused],
  };
}
