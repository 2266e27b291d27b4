import {isoMicros} from '../core/time.ts';
import type {NewEntry} from './new-entry.ts';
import type {SyncMark, SyncPosition} from './sync-event.ts';

// Each list states once, in order, the columns that a statement under sql/sync unnests from its array parameters, and
// the field of the event or entry that fills each of them.

type Columns<Item> = Readonly<Record<string, keyof Item>>;

/** Entries of settle.sql. */
export const ENTRY_COLUMNS = {
  trade_id: 'key',
  account_id: 'accountId',
  symbol: 'symbol',
  strategy: 'strategy',
  side: 'side',
  quantity: 'quantity',
  price: 'price',
  commission: 'commission',
  executed_at: 'executedAt',
  row_id: 'rowId',
  source: 'source',
  total_value: 'totalValue',
  realized_pnl: 'realizedPnl',
  win: 'win',
  outcome: 'outcome',
  event: 'event',
  reason: 'reason',
  moves: 'moves',
  published_at: 'publishedAt',
  received_at: 'receivedAt',
  arrival: 'arrival',
} as const satisfies Columns<NewEntry>;

/** Positions of positions.sql. */
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
export const arraysOf = <Item>(
  items: readonly Item[],
  columns: Columns<Item>,
): readonly (readonly (string | null)[])[] =>
  Object.values(columns).map(field => items.map(item => textOf(item[field])));

/** Times are the fields that are numbers: money and quantities are text. */
const textOf = (value: unknown): string | null => {
  if (typeof value === 'number') return isoMicros(value);
  return value === undefined ? null : String(value);
};
