import {isoMicros, type Micros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';

export type Side = 'buy' | 'sell';

/** Figures that a row or an event states beyond what the trade is. Money and rates are digits. */
export type Stated = {
  readonly strategy: string | undefined;
  readonly side: Side | undefined;
  readonly commission: string | undefined;
  readonly tradeType: string | undefined;
  readonly totalValue: string | undefined;
  readonly realizedPnl: string | undefined;
  readonly winRate: string | undefined;
};

/** A row of execution.trades. */
export type BookedTrade = Stated & {
  readonly id: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  /** Undefined: a time outside the years that a clock can show. */
  readonly executedAt: Micros | undefined;
};

/** An entry of the ledger. One that an older release applied without a row has no quantity, price and time. */
export type LedgerEntry = {
  readonly accountId: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly side: Side | undefined;
  readonly quantity: string | undefined;
  readonly price: string | undefined;
  readonly commission: string | undefined;
  readonly executedAt: Micros | undefined;
  /** The UTC day that it counts for: `2026-11-26`. */
  readonly date: string;
  /** The row that it was taken from; undefined: none was seen. */
  readonly rowId: string | undefined;
  readonly source: string;
  readonly totalValue: string;
  readonly realizedPnl: string;
  readonly win: string | undefined;
  readonly pnlStated: boolean;
  readonly winStated: boolean;
  /** What its event states and its row does not. */
  readonly event: Stated;
};

/** What the database knows of a trade. */
export type KnownTrade = {
  readonly row: BookedTrade | undefined;
  readonly entry: LedgerEntry | undefined;
  /** The side of the order that it fills. */
  readonly orderSide: Side | undefined;
  /** It was counted once, and its row was taken away. */
  readonly busted: boolean;
  /** An operator has rejected it: it never counts. */
  readonly rejected: boolean;
  /** What was executed before is closed; undefined: nothing is. */
  readonly closedBefore: Micros | undefined;
  /** The entry is in the archive; so is the row, unless somebody has written another one. */
  readonly archived: boolean;
  readonly rowArchived: boolean;
};

export const NOTHING_STATED: Stated = {
  strategy: undefined,
  side: undefined,
  commission: undefined,
  tradeType: undefined,
  totalValue: undefined,
  realizedPnl: undefined,
  winRate: undefined,
};

const text = (raw: Raw, name: string): string | undefined =>
  raw[name] === null || raw[name] === undefined ? undefined : String(raw[name]);
const time = (raw: Raw, name: string): Micros | undefined => {
  const value = text(raw, name);
  return value === undefined ? undefined : parseMicros(value);
};

/** Reads a row of sql/sync/known.sql. */
export const knownTradeOf = (raw: Raw): KnownTrade => ({
  row: raw.row_id === null ? undefined : tradeRowOf(raw),
  entry: raw.counted === true ? entryOf(raw) : undefined,
  orderSide: text(raw, 'order_side') as Side | undefined,
  busted: raw.busted === true,
  rejected: raw.rejected === true,
  closedBefore: time(raw, 'closed_before'),
  archived: raw.archived === true,
  rowArchived: raw.row_archived === true,
});

/** Why nothing that was executed before may be booked or changed. */
export const closedWords = (closedBefore: Micros): string =>
  `the books are closed before ${isoMicros(closedBefore).slice(0, 10)}: book it with a later time of execution`;

/** Why a trade is as it is for good: it was executed in closed books, whether it counts or not; undefined: it may change. */
export function closedTrade(known: KnownTrade): string | undefined {
  const {row, closedBefore} = known;
  const isLate = closedBefore !== undefined && row?.executedAt !== undefined && row.executedAt < closedBefore;
  return closedEntry(known) ?? (isLate ? closedWords(closedBefore) : undefined);
}

/** Why a trade that counts can never change again: it was executed in closed books; undefined: it may. */
export function closedEntry({entry, archived, closedBefore}: KnownTrade): string | undefined {
  if (closedBefore === undefined || !entry) return undefined;
  const isClosed = archived || (entry.executedAt !== undefined && entry.executedAt < closedBefore);
  return isClosed ? closedWords(closedBefore) : undefined;
}

const tradeRowOf = (raw: Raw): BookedTrade => ({
  id: String(raw.row_id),
  accountId: String(raw.account_id),
  symbol: String(raw.symbol),
  quantity: String(raw.quantity),
  price: String(raw.price),
  executedAt: time(raw, 'executed_at'),
  strategy: text(raw, 'strategy'),
  side: text(raw, 'side') as Side | undefined,
  commission: text(raw, 'commission'),
  tradeType: text(raw, 'trade_type'),
  totalValue: text(raw, 'total_value'),
  realizedPnl: text(raw, 'realized_pnl'),
  winRate: text(raw, 'win_rate'),
});

function entryOf(raw: Raw): LedgerEntry {
  const event = text(raw, 'entry_event');
  return {
    accountId: String(raw.entry_account_id),
    symbol: String(raw.entry_symbol),
    strategy: String(raw.entry_strategy),
    side: text(raw, 'entry_side') as Side | undefined,
    quantity: text(raw, 'entry_quantity'),
    price: text(raw, 'entry_price'),
    commission: text(raw, 'entry_commission'),
    executedAt: time(raw, 'entry_executed_at'),
    date: String(raw.entry_date),
    rowId: text(raw, 'entry_row_id'),
    source: String(raw.entry_source),
    totalValue: String(raw.entry_total_value),
    realizedPnl: String(raw.entry_realized_pnl),
    win: text(raw, 'entry_win'),
    pnlStated: raw.entry_pnl_stated === true,
    winStated: raw.entry_win_stated === true,
    event: event === undefined ? NOTHING_STATED : statedOf(JSON.parse(event)),
  };
}

/** Names of what an event states, in the ledger's column `event`. */
const STORED = {
  strategy: 'strategy',
  side: 'side',
  commission: 'commission',
  trade_type: 'tradeType',
  total_value: 'totalValue',
  realized_pnl: 'realizedPnl',
  win_rate: 'winRate',
} as const satisfies Record<string, keyof Stated>;

const STORED_FIELDS = Object.entries(STORED);

const statedOf = (stored: Readonly<Record<string, unknown>>): Stated =>
  Object.fromEntries(
    Object.entries(STORED).map(([name, field]) => [
      field,
      stored[name] === undefined || stored[name] === null ? undefined : String(stored[name]),
    ]),
  ) as Stated;

/** What is kept of an event beside its row, as JSON with every digit as text; undefined: nothing. */
export function storedStated(stated: Stated): string | undefined {
  const kept: Record<string, string> = {};
  let isEmpty = true;
  for (const [name, field] of STORED_FIELDS) {
    const value = stated[field];
    if (value === undefined) continue;
    kept[name] = value;
    isEmpty = false;
  }
  return isEmpty ? undefined : JSON.stringify(kept);
}
