import {isoMicros} from '../core/time.ts';
import type {PositionItem, TradeItem} from './item.ts';
import type {Batch} from './queue.ts';
import type {Ask} from './session.ts';

/** What a batch did. */
export type Applied = {
  /** Trades that were not in the ledger before. */
  readonly trades: number;
  /** Trades that were there already. */
  readonly duplicates: number;
  /** Of those, ones that had been recovered from the table and now have their event's own fields. */
  readonly adopted: number;
  /** Positions that are now the newest of theirs, and those that were older than what is known. */
  readonly positions: number;
  readonly stalePositions: number;
  readonly marks: number;
  readonly staleMarks: number;
  /** Symbols whose positions are to be marked yet: later, or again since someone else held some of them. */
  readonly unmarked: readonly string[];
};

/** Which positions are marked to the last prices with a batch: `dirty` are symbols that wait for it. */
export type Revaluing = {readonly now: boolean; readonly dirty: readonly string[]};

/** With its own batch. */
export const AT_ONCE: Revaluing = {now: true, dirty: []};

/**
 * Applies a batch inside a transaction: ledger and effects of trades, the view of positions, the last prices, and what
 * those make of positions' value. Doing it again changes nothing.
 */
export async function applyBatch(ask: Ask, batch: Batch, revaluing: Revaluing = AT_ONCE): Promise<Applied> {
  const trades = await withRealised(ask, batch.trades);
  const counts = await applyTradesAndPositions(ask, trades, batch.positions);
  const duplicates = trades.length - counts.trades;
  const adopted = duplicates === 0 ? 0 : Number((await ask('sync/adopt', tradeColumns(trades)))[0]?.adopted);
  const marked = batch.marks.length === 0 ? [] : await ask('sync/marks', markColumns(batch.marks));
  const touched = [...marked.map(row => String(row.symbol)), ...batch.positions.map(p => p.symbol)];
  const symbols = [...new Set([...revaluing.dirty, ...touched])];
  const left = revaluing.now && symbols.length > 0 ? Number((await ask('sync/revalue', [symbols]))[0]?.left) : 0;
  return {
    trades: counts.trades,
    duplicates,
    adopted,
    positions: counts.positions,
    stalePositions: batch.positions.length - counts.positions,
    marks: marked.length,
    staleMarks: batch.marks.length - marked.length,
    unmarked: revaluing.now && left === 0 ? [] : symbols,
  };
}

type Valued = TradeItem & {readonly realizedPnl: string};

async function applyTradesAndPositions(ask: Ask, trades: readonly Valued[], positions: readonly PositionItem[]) {
  if (trades.length === 0 && positions.length === 0) return {trades: 0, positions: 0};
  const [row] = await ask('sync/apply', [...tradeColumns(trades), ...positionColumns(positions)]);
  return {trades: Number(row?.trades), positions: Number(row?.positions)};
}

/** A buy realises nothing, so that only sales must be looked up. */
const needsCost = (trade: TradeItem): boolean =>
  trade.realizedPnl === undefined &&
  trade.side !== 'buy' &&
  !(trade.side === undefined && trade.tradeType === 'opening');

// An account's whole history of a symbol is read for it: not for trades that are in the ledger already, which after a
// recovery all that waited meanwhile are.
async function withRealised(ask: Ask, trades: readonly TradeItem[]): Promise<readonly Valued[]> {
  const known = new Map<string, string>();
  const costless = trades.filter(needsCost);
  if (costless.length > 0) {
    const rows = await ask('sync/known', [costless.map(trade => trade.key)]);
    const ledger = new Map(rows.map(row => [String(row.trade_id), row]));
    for (const trade of costless) {
      const row = ledger.get(trade.key);
      if (row && (row.source === 'event' || knewSide(trade))) known.set(trade.key, String(row.realized_pnl));
    }
  }
  const pairs = new Set(costless.filter(trade => !known.has(trade.key)).map(pairOf));
  if (pairs.size > 0) {
    const rows = await ask('sync/realised', costColumns(trades.filter(trade => pairs.has(pairOf(trade)))));
    for (const row of rows) known.set(String(row.trade_id), String(row.realized_pnl));
  }
  return trades.map(trade => ({...trade, realizedPnl: trade.realizedPnl ?? known.get(trade.key) ?? '0'}));
}

// A side that the event alone tells was not known when the trade was recovered from its row.
const knewSide = (trade: TradeItem): boolean => trade.tradeType !== undefined || trade.side === undefined;

const pairOf = (trade: TradeItem): string => `${trade.accountId}\u001f${trade.symbol}`;

function columns<T>(rows: readonly T[], ...pick: readonly ((row: T) => string | undefined)[]): readonly unknown[] {
  return pick.map(value => rows.map(row => value(row) ?? null));
}

const tradeColumns = (trades: readonly Valued[]): readonly unknown[] =>
  columns(
    trades,
    t => t.key,
    t => t.accountId,
    t => t.symbol,
    t => t.strategy,
    t => t.date,
    t => t.quantity,
    t => t.price,
    t => t.totalValue,
    t => t.realizedPnl,
    t => t.winRate,
    t => t.tradeType,
  );

const costColumns = (trades: readonly TradeItem[]): readonly unknown[] =>
  columns(
    trades,
    t => t.key,
    t => t.accountId,
    t => t.symbol,
    t => t.side,
    t => t.quantity,
    t => t.price,
    t => t.commission,
    t => isoMicros(t.executedAt),
    t => t.tradeType,
  );

const positionColumns = (positions: readonly PositionItem[]): readonly unknown[] =>
  columns(
    positions,
    p => p.accountId,
    p => p.symbol,
    p => p.quantity,
    p => p.avgPrice,
    p => isoMicros(p.asOf),
  );

const markColumns = (marks: Batch['marks']): readonly unknown[] =>
  columns(
    marks,
    m => m.key,
    m => m.price,
    m => isoMicros(m.asOf),
  );
