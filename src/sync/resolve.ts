import {dec} from '../core/decimal.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import {isSame, isSameAt4, rounded} from './figures.ts';
import {
  type BookedTrade,
  type KnownTrade,
  type LedgerEntry,
  NOTHING_STATED,
  type Side,
  type Stated,
  storedStated,
} from './known-trade.ts';
import {NO_STRATEGY, type SyncTrade, utcDay} from './sync-event.ts';

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
};

/** What is to be done about a trade. */
export type Resolved = {
  /** The entry as it is to be; undefined: it stays as it is. */
  readonly entry?: NewEntry;
  /** Its row is gone: it no longer counts. */
  readonly leaves?: true;
  /** The event tells of another trade than is known by this id, and why. */
  readonly conflict?: string;
  /** Why the trade cannot be counted at all. */
  readonly refused?: string;
};

/** The years before are no desk's. */
const EARLIEST: Micros = Date.UTC(2000, 0, 1) * 1000;

/**
 * Resolves what the ledger must say of a trade: its row is the truth; its event gives what the row does not state, and
 * the whole trade while no row is seen. An event that contradicts what is known changes nothing, unless the trade has no row
 * and an operator insists on the event. `latest`: the latest time of execution that is accepted.
 */
export function resolveTrade(
  key: string,
  event: SyncTrade | undefined,
  known: KnownTrade,
  latest: Micros,
  insists = false,
): Resolved {
  const {row, entry, busted, rejected} = known;
  if (rejected && !insists) return {};
  if (insists && event && entry && !row) return insisted(key, event, entry, latest);
  const conflict = event && differenceOf(event, known);
  const announced = event !== undefined && conflict === undefined ? event : undefined;
  const said = conflict === undefined ? {} : {conflict};
  if (!row && entry?.rowId !== undefined) return {...said, leaves: true};
  if (!row && (!announced || busted)) return said;
  const executedAt = row ? row.executedAt : (entry?.executedAt ?? announced?.executedAt);
  const refused = refusalOf(executedAt, latest);
  if (refused !== undefined || executedAt === undefined) return {...said, refused};
  const next = entryFrom(key, announced, known, executedAt);
  if (!entry) return {...said, entry: next};
  return isChanged(entry, next) ? {...said, entry: withChange(entry, next)} : said;
}

/** The entry becomes what the event says, whatever it was before. */
function insisted(key: string, event: SyncTrade, entry: LedgerEntry, latest: Micros): Resolved {
  const refused = refusalOf(event.executedAt, latest);
  if (refused !== undefined) return {refused};
  const alone = {row: undefined, entry: undefined, orderSide: undefined, busted: false, rejected: false};
  return {entry: withChange(entry, entryFrom(key, event, alone, event.executedAt))};
}

function refusalOf(executedAt: Micros | undefined, latest: Micros): string | undefined {
  if (executedAt === undefined) return 'its time of execution is not of this age';
  if (executedAt < EARLIEST) return `executed at ${isoMicros(executedAt)}, before the year 2000`;
  if (executedAt <= latest) return undefined;
  return `executed at ${isoMicros(executedAt)}, ahead of the database's clock`;
}

/** In what an event contradicts the trade that is known by its id; undefined: in nothing. */
function differenceOf(event: SyncTrade, {row, entry, orderSide}: KnownTrade): string | undefined {
  const base = row ?? entry;
  if (!base) return undefined;
  const side = row?.side ?? entry?.event.side ?? orderSide;
  const [quantity, price] = [base.quantity ?? event.quantity, base.price ?? event.price];
  const differences = [
    event.accountId !== base.accountId && `account is ${base.accountId}, not ${event.accountId}`,
    event.symbol !== base.symbol && `symbol is ${base.symbol}, not ${event.symbol}`,
    event.side !== undefined && side !== undefined && event.side !== side && `side is ${side}, not ${event.side}`,
    !isSameAt4(event.quantity, quantity) && `quantity is ${quantity}, not ${event.quantity}`,
    !isSameAt4(event.price, price) && `price is ${price}, not ${event.price}`,
  ].filter(text => text !== false);
  return differences.length === 0 ? undefined : differences.join('; ');
}

function entryFrom(key: string, event: SyncTrade | undefined, known: KnownTrade, executedAt: Micros): NewEntry {
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

/** Whether a settled entry would differ in anything but what is reckoned from other trades. */
function isChanged(entry: LedgerEntry, next: NewEntry): boolean {
  if (isMoved(entry, next)) return true;
  const win = next.win ?? (next.outcome ? (dec(entry.realizedPnl).gt(0) ? '1' : '0') : undefined);
  return !(
    entry.strategy === next.strategy &&
    entry.date === utcDay(next.executedAt) &&
    entry.rowId === next.rowId &&
    entry.source === next.source &&
    storedStated(entry.event) === next.event &&
    isSame(entry.totalValue, next.totalValue ?? productOf(next)) &&
    (next.realizedPnl === undefined || isSame(entry.realizedPnl, next.realizedPnl)) &&
    entry.pnlStated === (next.realizedPnl !== undefined) &&
    entry.winStated === (next.win !== undefined) &&
    isSame(entry.win, win)
  );
}

const isMoved = (entry: LedgerEntry, next: NewEntry): boolean =>
  entry.accountId !== next.accountId ||
  entry.symbol !== next.symbol ||
  entry.side !== next.side ||
  entry.executedAt !== next.executedAt ||
  !isSame(entry.quantity, next.quantity) ||
  !isSame(entry.price, next.price) ||
  !isSame(entry.commission ?? '0', next.commission ?? '0') ||
  (entry.pnlStated && next.realizedPnl === undefined);

function withChange(entry: LedgerEntry, next: NewEntry): NewEntry {
  const moves = isMoved(entry, next);
  if (next.rowId !== entry.rowId) return {...next, moves, reason: 'row'};
  return {...next, moves, reason: moves || storedStated(entry.event) === next.event ? 'corrected' : 'event'};
}

const productOf = ({quantity, price}: NewEntry): string => rounded(dec(quantity).times(dec(price)), 4);
