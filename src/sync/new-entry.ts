import type {Micros} from '../core/time.ts';
import {isSameAt4, rounded} from './figures.ts';
import {
  type BookedTrade,
  type KnownTrade,
  type LedgerEntry,
  NOTHING_STATED,
  type Side,
  type Stated,
  storedStated,
} from './known-trade.ts';
import {NO_STRATEGY, type SyncTrade} from './sync-event.ts';

/** An entry as the ledger is to have it; sql/sync/settle.sql reckons what is undefined. */
export type NewEntry = {
  readonly key: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly side: Side | undefined;
  readonly quantity: string;
  readonly price: string;
  readonly commission: string | undefined;
  readonly executedAt: Micros;
  readonly rowId: string | undefined;
  readonly source: 'event' | 'table';
  readonly totalValue: string | undefined;
  readonly realizedPnl: string | undefined;
  readonly win: string | undefined;
  /** It wins or loses: the row or the event says so, or it sells and closes. */
  readonly outcome: boolean;
  readonly event: string | undefined;
  /** Why an entry changes that was counted before. */
  readonly reason: 'late' | 'corrected' | 'row' | 'event';
  /** Account, symbol, side, quantity, price, commission or time are new, and with them what is reckoned after it. */
  readonly moves: boolean;
} & Arrival;

/** How a trade was announced; undefined: it was not, or the bus has no entries. */
export type Arrival = {
  /** By its publisher's clock; by the WAL when it was committed. */
  readonly publishedAt: Micros | undefined;
  /** When this worker received it. */
  readonly receivedAt: Micros | undefined;
  /** The entry of the stream, or the position of the WAL up to which it was read. */
  readonly arrival: string | undefined;
};

/** The entry that a trade's row and events come to, with what the ledger keeps of earlier events. */
export function entryFrom(key: string, event: SyncTrade | undefined, known: KnownTrade, executedAt: Micros): NewEntry {
  const {row, entry, orderSide} = known;
  const base = row ?? {...event, ...entry};
  const told = factsOf(event, row, entry);
  const stated = withFirst(row ?? NOTHING_STATED, told);
  const side = stated.side ?? orderSide ?? sideOf(stated.tradeType);
  const closes = stated.tradeType === 'closing' || stated.tradeType === 'partial';
  return {
    key,
    accountId: base.accountId as string,
    symbol: base.symbol as string,
    strategy: stated.strategy ?? (row ? undefined : entry?.strategy) ?? NO_STRATEGY,
    side,
    quantity: (row?.quantity ?? entry?.quantity ?? event?.quantity) as string,
    price: (row?.price ?? entry?.price ?? event?.price) as string,
    commission: stated.commission,
    executedAt,
    rowId: row?.id,
    source: event || entry?.source === 'event' ? 'event' : 'table',
    totalValue: stated.totalValue,
    realizedPnl: stated.realizedPnl,
    win: stated.winRate,
    outcome: stated.winRate !== undefined || (closes && (side !== 'buy' || stated.realizedPnl !== undefined)),
    event: storedStated(row ? besideRow(told, row) : told),
    reason: 'late',
    moves: true,
    publishedAt: event?.at,
    receivedAt: event?.receivedAt,
    arrival: event?.entry,
  };
}

/** What events say of the trade: what the ledger keeps of earlier ones, then this one, as far as they mean this row. */
function factsOf(event: SyncTrade | undefined, row: BookedTrade | undefined, entry: LedgerEntry | undefined): Stated {
  const now: Stated = event
    ? {
        strategy: event.strategy === NO_STRATEGY ? undefined : event.strategy,
        side: event.side,
        commission: event.commission,
        tradeType: event.tradeType || undefined,
        totalValue: event.totalValue && rounded(event.totalValue, 4),
        realizedPnl: event.realizedPnl && rounded(event.realizedPnl, 4),
        winRate: event.winRate && rounded(event.winRate, 10),
      }
    : NOTHING_STATED;
  return entry && (!row || isSameTrade(entry, row)) ? withFirst(entry.event, now) : now;
}

const isSameTrade = (entry: LedgerEntry, row: BookedTrade): boolean =>
  entry.accountId === row.accountId &&
  entry.symbol === row.symbol &&
  entry.quantity !== undefined &&
  entry.price !== undefined &&
  isSameAt4(entry.quantity, row.quantity) &&
  isSameAt4(entry.price, row.price) &&
  (entry.event.side === undefined || row.side === undefined || entry.event.side === row.side);

const withFirst = (first: Stated, second: Stated): Stated => ({
  strategy: first.strategy ?? second.strategy,
  side: first.side ?? second.side,
  commission: first.commission ?? second.commission,
  tradeType: first.tradeType ?? second.tradeType,
  totalValue: first.totalValue ?? second.totalValue,
  realizedPnl: first.realizedPnl ?? second.realizedPnl,
  winRate: first.winRate ?? second.winRate,
});

/** What an event says beyond its row; with its side, by which a correction of the row's side tells that it means another. */
function besideRow(told: Stated, row: Stated): Stated {
  const more = without(told, row);
  return storedStated(more) === undefined ? more : {...more, side: told.side};
}

const without = (told: Stated, row: Stated): Stated => ({
  strategy: row.strategy === undefined ? told.strategy : undefined,
  side: row.side === undefined ? told.side : undefined,
  commission: row.commission === undefined ? told.commission : undefined,
  tradeType: row.tradeType === undefined ? told.tradeType : undefined,
  totalValue: row.totalValue === undefined ? told.totalValue : undefined,
  realizedPnl: row.realizedPnl === undefined ? told.realizedPnl : undefined,
  winRate: row.winRate === undefined ? told.winRate : undefined,
});

/** The side of a trade that nobody states: by its type. A partial fill is a sale unless told otherwise. */
function sideOf(tradeType: string | undefined): Side | undefined {
  if (tradeType === 'opening') return 'buy';
  return tradeType === 'closing' || tradeType === 'partial' ? 'sell' : undefined;
}
