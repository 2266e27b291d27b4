import {isoMicros} from '../core/time.ts';
import type {SyncEvent, SyncMark, SyncPosition, SyncTrade} from './sync-event.ts';

// Each list states once, in order, the columns that a statement under sql/sync unnests from its array parameters, and
// the field of the event that fills each of them.

type Columns<Event extends SyncEvent> = Readonly<Record<string, keyof Event>>;

/** Trades of apply.sql and adopt.sql. */
export const TRADE_COLUMNS = {
  trade_id: 'key',
  account_id: 'accountId',
  symbol: 'symbol',
  strategy: 'strategy',
  trade_date: 'date',
  quantity: 'quantity',
  price: 'price',
  total_value: 'totalValue',
  realized_pnl: 'realizedPnl',
  win_rate: 'winRate',
  trade_type: 'tradeType',
} as const satisfies Columns<SyncTrade>;

/** Trades of realised_pnl.sql. */
export const COST_COLUMNS = {
  trade_id: 'key',
  account_id: 'accountId',
  symbol: 'symbol',
  side: 'side',
  quantity: 'quantity',
  price: 'price',
  commission: 'commission',
  executed_at: 'executedAt',
  trade_type: 'tradeType',
} as const satisfies Columns<SyncTrade>;

/** Positions of apply.sql. */
export const POSITION_COLUMNS = {
  account_id: 'accountId',
  symbol: 'symbol',
  quantity: 'quantity',
  avg_price: 'avgPrice',
  position_at: 'asOf',
} as const satisfies Columns<SyncPosition>;

/** Marks of marks.sql. */
export const MARK_COLUMNS = {symbol: 'key', price: 'price', marked_at: 'asOf'} as const satisfies Columns<SyncMark>;

/** A statement's array parameters: one array for each column, one element for each event, as text or null. */
export const arraysOf = <Event extends SyncEvent>(
  events: readonly Event[],
  columns: Columns<Event>,
): readonly (readonly (string | null)[])[] =>
  Object.values(columns).map(field => events.map(event => textOf(event[field])));

/** Times are the fields that are numbers: money and quantities are text. */
const textOf = (value: unknown): string | null =>
  typeof value === 'number' ? isoMicros(value) : ((value as string | undefined) ?? null);
