import type {Ask} from './session.ts';
import {arraysOf, COST_COLUMNS} from './sql-columns.ts';
import type {SyncTrade} from './sync-event.ts';

/** A trade whose realised P&L is known. */
export type CostedTrade = SyncTrade & {readonly realizedPnl: string};

/**
 * Gives every trade its realised P&L: its event's, else the ledger's, else by average cost over the account's trades of
 * the symbol. That reads the whole history, so it is not done for trades that the ledger has, which after a recovery are
 * all that waited meanwhile.
 */
export async function withRealisedPnl(ask: Ask, trades: readonly SyncTrade[]): Promise<readonly CostedTrade[]> {
  const open = trades.filter(needsCost);
  const known = await fromLedger(ask, open);
  const pairs = new Set(open.filter(trade => !known.has(trade.key)).map(pairOf));
  if (pairs.size > 0) {
    const related = trades.filter(trade => pairs.has(pairOf(trade)));
    const rows = await ask('sync/realised_pnl', arraysOf(related, COST_COLUMNS));
    for (const row of rows) known.set(String(row.trade_id), String(row.realized_pnl));
  }
  return trades.map(trade => ({...trade, realizedPnl: trade.realizedPnl ?? known.get(trade.key) ?? '0'}));
}

/** What the ledger has of these trades, by trade_id, where it cannot become another figure by their events. */
async function fromLedger(ask: Ask, trades: readonly SyncTrade[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  if (trades.length === 0) return known;
  const rows = await ask('sync/ledger_entries', [trades.map(trade => trade.key)]);
  const ledger = new Map(rows.map(row => [String(row.trade_id), row]));
  for (const trade of trades) {
    const row = ledger.get(trade.key);
    if (row && (row.source === 'event' || rowKnewSide(trade))) known.set(trade.key, String(row.realized_pnl));
  }
  return known;
}

/** A buy realises nothing, so only sells need a cost. */
const needsCost = (trade: SyncTrade): boolean =>
  trade.realizedPnl === undefined &&
  trade.side !== 'buy' &&
  !(trade.side === undefined && trade.tradeType === 'opening');

/** A side that only the event states was unknown when the trade was recovered from its row. */
const rowKnewSide = (trade: SyncTrade): boolean => trade.tradeType !== undefined || trade.side === undefined;

const pairOf = (trade: SyncTrade): string => `${trade.accountId}\u001f${trade.symbol}`;
