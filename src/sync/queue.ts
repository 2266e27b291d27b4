import {dec} from '../core/decimal.ts';
import type {Micros} from '../core/time.ts';
import type {Batch} from './batch.ts';
import {earliestOf, earliestTime} from './earliest.ts';
import type {SyncEvent, SyncMark, SyncPosition, SyncTrade} from './sync-event.ts';

/** Events that found no room, between two times. They are in their tables, where the repair finds them. */
export type Overflow = {readonly from: Micros; readonly to: Micros; readonly events: number};

/** The first three wait now; the others count since the start. */
export type QueueCounts = {
  readonly trades: number;
  readonly positions: number;
  readonly marks: number;
  readonly offered: number;
  /** The same trade again while it waited. */
  readonly duplicates: number;
  /** Positions and marks of which only the newer one waits. */
  readonly superseded: number;
  /** The positions among them; the others are marks. */
  readonly supersededPositions: number;
  /** Events that found no room. */
  readonly overflowed: number;
};

/**
 * Events between their receipt and their transaction, in bounded memory, at whatever rate they come and however long
 * the database is away: trades up to a limit, beyond which they are counted and declared as an overflow; of positions
 * and marks one for each key.
 */
export type Queue = {
  /** `full`: the event found no room and is part of the next `overflow`. */
  readonly offer: (event: SyncEvent) => 'queued' | 'duplicate' | 'superseded' | 'full';
  readonly size: () => number;
  /** Takes up to `most` trades, oldest first, and all positions and marks; undefined where nothing waits. */
  readonly take: (most: number) => Batch | undefined;
  /** Puts a batch that was not applied back at the head; a newer position or mark that came meanwhile stays. */
  readonly putBack: (batch: Batch) => void;
  /** What overflowed since the last call. */
  readonly takeOverflow: () => Overflow | undefined;
  /** Publication of the oldest event that waits or that overflowed and is not declared yet. */
  readonly oldest: () => Micros | undefined;
  readonly counts: () => QueueCounts;
};

/** Most trades, and most keys of positions and of marks. */
export type QueueLimits = {readonly trades: number; readonly keys: number};

const LIMITS: QueueLimits = {trades: 20_000, keys: 50_000};

export function createQueue(limits: QueueLimits = LIMITS): Queue {
  // A Map keeps the order of insertion, so it is a queue without duplicates.
  const trades = new Map<string, SyncTrade>();
  const positions = new Map<string, SyncPosition>();
  const marks = new Map<string, SyncMark>();
  const counts = {offered: 0, duplicates: 0, superseded: 0, supersededPositions: 0, overflowed: 0};
  let overflow: Overflow | undefined;
  const reject = (event: SyncEvent): 'full' => {
    counts.overflowed++;
    overflow = withEvent(overflow, event);
    return 'full';
  };
  const offerNewest = <T extends SyncPosition | SyncMark>(queued: Map<string, T>, event: T) => {
    const slot = slotOf(event);
    const before = queued.get(slot);
    if (before) {
      counts.superseded++;
      if (event.kind === 'positions') counts.supersededPositions++;
      if (!isNewer(event, before)) return 'superseded';
    } else if (queued.size >= limits.keys) return reject(event);
    queued.set(slot, event);
    return 'queued';
  };
  const size = (): number => trades.size + positions.size + marks.size;
  return {
    offer: event => {
      counts.offered++;
      if (event.kind === 'positions') return offerNewest(positions, event);
      if (event.kind === 'market_data') return offerNewest(marks, event);
      const identity = identityOf(trades, event);
      if (identity === undefined) {
        counts.duplicates++;
        return 'duplicate';
      }
      if (trades.size >= limits.trades) return reject(event);
      trades.set(identity, event);
      return 'queued';
    },
    size,
    take: most =>
      size() === 0
        ? undefined
        : {trades: takeFirst(trades, most), rows: [], positions: takeAll(positions), marks: takeAll(marks)},
    putBack: batch => {
      putFirst(trades, batch.trades);
      for (const event of batch.positions) keepNewest(positions, event);
      for (const event of batch.marks) keepNewest(marks, event);
    },
    takeOverflow: () => {
      const taken = overflow;
      overflow = undefined;
      return taken;
    },
    oldest: () =>
      earliestTime([...[trades, positions, marks].map(queued => earliestOf(queued.values())), overflow?.from]),
    counts: () => ({...counts, trades: trades.size, positions: positions.size, marks: marks.size}),
  };
}

/**
 * Whether `event` wins over `other` of the same key: the newer one, of equal times the larger, so that their order does not
 * matter.
 * @internal
 */
export function isNewer<T extends SyncPosition | SyncMark>(event: T, other: T): boolean {
  if (event.asOf !== other.asOf) return event.asOf > other.asOf;
  const [a, b] = [valuesOf(event), valuesOf(other)];
  const at = a.findIndex((digits, i) => !dec(digits).eq(b[i] as string));
  return at >= 0 && dec(a[at] as string).gt(b[at] as string);
}

/** So far ahead of its receipt an event is queued beside those of its key, in microseconds: it may be refused. */
const AHEAD: Micros = 1_000_000;

/** Where a position or a mark is queued: what the database may refuse for its time supersedes nothing that it accepts. */
const slotOf = ({key, asOf, receivedAt}: SyncPosition | SyncMark): string =>
  asOf > receivedAt + AHEAD ? `${key}\u001f` : key;

const valuesOf = (event: SyncPosition | SyncMark): readonly string[] =>
  event.kind === 'positions' ? [event.quantity, event.avgPrice] : [event.price];

const withEvent = (overflow: Overflow | undefined, {since, receivedAt}: SyncEvent): Overflow => ({
  from: Math.min(overflow?.from ?? since, since),
  to: Math.max(overflow?.to ?? receivedAt, receivedAt),
  events: (overflow?.events ?? 0) + 1,
});

function takeFirst(queued: Map<string, SyncTrade>, most: number): readonly SyncTrade[] {
  const taken: SyncTrade[] = [];
  for (const [key, event] of queued) {
    if (taken.length >= most) break;
    taken.push(event);
    queued.delete(key);
  }
  return taken;
}

function takeAll<T>(queued: Map<string, T>): readonly T[] {
  const taken = [...queued.values()];
  queued.clear();
  return taken;
}

function putFirst(queued: Map<string, SyncTrade>, first: readonly SyncTrade[]): void {
  const later = takeAll(queued);
  for (const event of [...first, ...later]) {
    const identity = identityOf(queued, event);
    if (identity !== undefined) queued.set(identity, event);
  }
}

/** Where an event is queued: under its trade's id, or, where another content has that id, beside it; undefined: it repeats one. */
function identityOf(queued: ReadonlyMap<string, SyncTrade>, event: SyncTrade): string | undefined {
  const first = queued.get(event.key);
  if (first === undefined) return event.key;
  const content = contentOf(event);
  if (content === contentOf(first)) return undefined;
  const identity = `${event.key}\u001f${content}`;
  return queued.has(identity) ? undefined : identity;
}

/** What an event tells of its trade, but for times: a publisher that repeats itself may state another one. */
const contentOf = ({
  key: _,
  kind: __,
  at: ___,
  receivedAt: _4,
  since: _5,
  executedAt: _6,
  date: _7,
  ...told
}: SyncTrade): string => JSON.stringify(told);

function keepNewest<T extends SyncPosition | SyncMark>(queued: Map<string, T>, event: T): void {
  const slot = slotOf(event);
  const other = queued.get(slot);
  if (!other || isNewer(event, other)) queued.set(slot, event);
}
