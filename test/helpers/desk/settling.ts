import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {batchOf} from '../../../src/sync/batch.ts';
import {fillTrades, settleDiffering, settleRowless} from '../../../src/sync/fill.ts';
import {applyIsolated} from '../../../src/sync/isolate.ts';
import {syncEventOf} from '../../../src/sync/sync-event.ts';
import {tradeEvent} from './desk-trades.ts';

/** Applies the events of trades in one batch, as a worker does. */
export const hearTrades = (db: Pg, ...events: readonly TradeEvent[]) =>
  applyIsolated(db, batchOf(events.map(event => syncEventOf(tradeEvent(event)))));

/** What the repair and the sweeps do in the end. */
export async function sweepAll(db: Pg): Promise<void> {
  await fillTrades(db, {since: null, until: null});
  await settleDiffering(db, null);
  await settleRowless(db, '2000-01-01');
}
