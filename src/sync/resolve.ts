import {dec} from '../core/decimal.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import {isSame, isSameAt4, rounded} from './figures.ts';
import {closedEntry, closedWords, type KnownTrade, type LedgerEntry, storedStated} from './known-trade.ts';
import {entryFrom, type NewEntry} from './new-entry.ts';
import {type SyncTrade, utcDay} from './sync-event.ts';

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
  const closed = closedEntry(known);
  if (entry && closed !== undefined) return ofClosed(key, event, known, {entry, closed, insists});
  if (rejected && !insists) return {};
  if (insists && event && entry && !row) return insisted(key, event, known, {entry, latest});
  const conflict = event && differenceOf(event, known);
  const announced = event !== undefined && conflict === undefined ? event : undefined;
  const said = conflict === undefined ? {} : {conflict};
  if (!row && entry?.rowId !== undefined) return {...said, leaves: true};
  if (!row && (!announced || busted)) return said;
  const executedAt = row ? row.executedAt : (entry?.executedAt ?? announced?.executedAt);
  const refused = refusalOf(executedAt, known, latest);
  if (refused !== undefined || executedAt === undefined) return {...said, refused};
  const next = entryFrom(key, announced, known, executedAt);
  if (!entry) return {...said, entry: next};
  return isChanged(entry, next) ? {...said, entry: withChange(entry, next)} : said;
}

/**
 * A trade in closed books stays as it counts. An event that tells of it again changes nothing; what would change it, and a
 * row that was written once more, is refused.
 */
function ofClosed(
  key: string,
  event: SyncTrade | undefined,
  known: KnownTrade,
  {entry, closed, insists}: {readonly entry: LedgerEntry; readonly closed: string; readonly insists: boolean},
): Resolved {
  const {row, archived, rowArchived} = known;
  const conflict = event && differenceOf(event, known);
  if (conflict !== undefined) return insists ? {refused: closed} : {conflict};
  if (row && archived && !rowArchived) return {refused: closed};
  if (row?.executedAt === undefined) return {};
  const next = entryFrom(key, event, known, row.executedAt);
  return isMoved(entry, next) || isFigured(entry, next) ? {refused: closed} : {};
}

/** The entry becomes what the event says, whatever it was before. */
function insisted(
  key: string,
  event: SyncTrade,
  known: KnownTrade,
  {entry, latest}: {readonly entry: LedgerEntry; readonly latest: Micros},
): Resolved {
  const refused = refusalOf(event.executedAt, known, latest);
  if (refused !== undefined) return {refused};
  const alone = {...known, row: undefined, entry: undefined, orderSide: undefined, busted: false, rejected: false};
  return {entry: withChange(entry, entryFrom(key, event, alone, event.executedAt))};
}

function refusalOf(
  executedAt: Micros | undefined,
  {closedBefore = EARLIEST}: KnownTrade,
  latest: Micros,
): string | undefined {
  if (executedAt === undefined) return 'its time of execution is not of this age';
  if (executedAt < EARLIEST) return `executed at ${isoMicros(executedAt)}, before the year 2000`;
  if (executedAt < closedBefore) return closedWords(closedBefore);
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

/** Whether a settled entry would differ in anything but what is reckoned from other trades. */
function isChanged(entry: LedgerEntry, next: NewEntry): boolean {
  if (isMoved(entry, next) || isFigured(entry, next)) return true;
  return !(entry.rowId === next.rowId && entry.source === next.source && storedStated(entry.event) === next.event);
}

/** Whether figures would differ that count and are not reckoned from other trades. */
function isFigured(entry: LedgerEntry, next: NewEntry): boolean {
  const win = next.win ?? (next.outcome ? (dec(entry.realizedPnl).gt(0) ? '1' : '0') : undefined);
  return !(
    entry.strategy === next.strategy &&
    entry.date === utcDay(next.executedAt) &&
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
