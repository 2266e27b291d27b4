import {createHash} from 'node:crypto';
import {nowMicros, parseMicros} from '../core/time.ts';
import {type BookedTrade, type KnownTrade, knownTradeOf} from './known-trade.ts';
import type {Arrival, NewEntry} from './new-entry.ts';
import type {Refused} from './outcome.ts';
import {enterQuarantine} from './quarantine.ts';
import {type Resolved, resolveTrade} from './resolve.ts';
import type {Ask} from './session.ts';
import {arraysOf, ENTRY_COLUMNS} from './sql-columns.ts';
import {NO_STRATEGY, type SyncTrade, utcDay} from './sync-event.ts';

/** What was settled. */
export type Settled = {
  /** Trades that the ledger lacked. */
  readonly entered: number;
  /** Trades that the ledger had, and with other figures or from another source. */
  readonly changed: number;
  /** Figures that had been counted and are others now: of these trades and of those after them. */
  readonly restated: number;
  /** Trades that no longer count, since their rows are gone. */
  readonly busted: number;
  /** Accounts whose summaries changed. */
  readonly accounts: readonly string[];
  /** Events that tell of another trade than is known by their id, and trades of an impossible time: all are in quarantine. */
  readonly refused: readonly Refused[];
};

/** What is to be settled. */
export type ToSettle = {
  /** Trades that events tell of. */
  readonly events: readonly SyncTrade[];
  /** Trades whose rows are there, or changed, or gone, by their ids. */
  readonly rows: readonly string[];
  /** How the rows of trades came, where something has told of them. */
  readonly arrivals: ReadonlyMap<string, Arrival>;
  /** Accounts and symbols whose P&L is to be reckoned from their first trade. */
  readonly pairs: readonly Pair[];
  /** An operator has accepted the events: one without a row counts although it contradicts the ledger. */
  readonly insists: boolean;
};

/** An account and a symbol. */
type Pair = {readonly accountId: string; readonly symbol: string};

const NONE: ToSettle['arrivals'] = new Map();
const NOTHING: Settled = {entered: 0, changed: 0, restated: 0, busted: 0, accounts: [], refused: []};

/**
 * Settles trades inside a transaction: their entries in the ledger become what their rows and events say, and analytics
 * the sum of the ledger. The result does not depend on the order or on the way in which trades come; to settle them
 * again changes nothing. What cannot be settled goes into quarantine in the same transaction.
 */
export async function settle(
  ask: Ask,
  {events = [], rows = [], arrivals = NONE, pairs = [], insists = false}: Partial<ToSettle>,
): Promise<Settled> {
  if (events.length + rows.length + pairs.length === 0) return NOTHING;
  const [first, again] = firstOfEach(events);
  const ids = [...new Set([...first.map(event => event.key), ...rows])];
  const locked = [...events, ...pairs];
  await ask('sync/lock_pairs', [ids, locked.map(pair => pair.accountId), locked.map(pair => pair.symbol)]);
  const byKey = new Map(first.map(event => [event.key, event]));
  const known = ids.length === 0 ? [] : await ask('sync/known', [ids, ids.map(id => byKey.get(id)?.orderId ?? null)]);
  const latest = parseMicros(String(known[0]?.latest ?? '')) ?? nowMicros();
  const trades = known.map(raw => {
    const [key, trade] = [String(raw.trade_id), knownTradeOf(raw)];
    const event = byKey.get(key);
    const resolved = resolveTrade(key, event, trade, latest, insists);
    const entry = resolved.entry && {...resolved.entry, ...arrivals.get(key)};
    return {key, trade, event, resolved: entry ? {...resolved, entry} : resolved};
  });
  const counts = await write(ask, trades, pairs);
  const refused = await setAside(ask, trades);
  return again.length === 0 ? {...counts, refused} : sumOf({...counts, refused}, await settle(ask, {events: again}));
}

type Trade = {
  readonly key: string;
  readonly trade: KnownTrade;
  readonly event: SyncTrade | undefined;
  readonly resolved: Resolved;
};

async function write(ask: Ask, trades: readonly Trade[], pairs: readonly Pair[]): Promise<Omit<Settled, 'refused'>> {
  const entries = trades.map(({resolved}) => resolved.entry).filter(entry => entry !== undefined);
  const gone = trades.filter(({resolved}) => resolved.leaves).map(({key}) => key);
  if (entries.length + gone.length + pairs.length === 0) return NOTHING;
  const params = [gone, pairs.map(pair => pair.accountId), pairs.map(pair => pair.symbol)];
  const [row] = await ask('sync/settle', [...arraysOf<NewEntry>(entries, ENTRY_COLUMNS), ...params]);
  const [due, entered] = [Number(row?.due), Number(row?.entered)];
  // Two events of one trade that name different pairs, in two workers at once: neither lock kept the other one out.
  if (due !== entered) throw new Error('another worker has entered one of these trades meanwhile');
  const accounts: readonly string[] = typeof row?.accounts === 'string' ? JSON.parse(row.accounts) : [];
  return {
    entered,
    changed: entries.length - due,
    restated: Number(row?.restated),
    busted: Number(row?.removed),
    accounts,
  };
}

async function setAside(ask: Ask, trades: readonly Trade[]): Promise<Settled['refused']> {
  const refused: Refused[] = [];
  for (const {key, trade, event, resolved} of trades) {
    const {conflict, refused: why} = resolved;
    if (conflict !== undefined && event) {
      await enterQuarantine(ask, {kind: 'trades', key: conflictKey(event), event}, conflict);
      refused.push({kind: 'trades', key, why: conflict, byEvent: true});
    }
    if (why === undefined) continue;
    // The event may state what its row, which stays where it is, does not.
    const told = event && conflict === undefined ? event : trade.row && eventOfRow(key, trade.row);
    if (!told) continue;
    await enterQuarantine(ask, {kind: 'trades', key, event: told}, why);
    refused.push({kind: 'trades', key, why, byEvent: told === event});
  }
  return refused;
}

/** Identity of an event that contradicts what is known of its trade: the trade itself may count all the same. */
const conflictKey = (event: SyncTrade): string => {
  const content = [event.accountId, event.symbol, event.side, event.quantity, event.price];
  return `${event.key} ≠ ${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12)}`;
};

/** The first event of each trade, and the others that tell more than a repetition. */
function firstOfEach(events: readonly SyncTrade[]): readonly [readonly SyncTrade[], readonly SyncTrade[]] {
  const first = new Map<string, SyncTrade>();
  const again: SyncTrade[] = [];
  for (const event of events) {
    if (first.has(event.key)) again.push(event);
    else first.set(event.key, event);
  }
  return [[...first.values()], again];
}

const sumOf = (a: Settled, b: Settled): Settled => ({
  entered: a.entered + b.entered,
  changed: a.changed + b.changed,
  restated: a.restated + b.restated,
  busted: a.busted + b.busted,
  accounts: [...a.accounts, ...b.accounts],
  refused: [...a.refused, ...b.refused],
});

/** The event that would have brought a row of execution.trades. */
export function eventOfRow(key: string, row: BookedTrade): SyncTrade {
  const {id: _, executedAt = 0, strategy = NO_STRATEGY, ...fields} = row;
  const at = nowMicros();
  return {
    kind: 'trades',
    key,
    ...fields,
    orderId: undefined,
    strategy,
    executedAt,
    date: utcDay(executedAt),
    at,
    receivedAt: at,
    since: at,
  };
}
