import {dec} from '../core/decimal.ts';
import type {Micros} from '../core/time.ts';
import {type Item, leastSince, type MarkItem, type PositionItem, type TradeItem} from './item.ts';

/** What is applied together. Trades are all different; positions and marks are the newest of their keys. */
export type Batch = {
  readonly trades: readonly TradeItem[];
  readonly positions: readonly PositionItem[];
  readonly marks: readonly MarkItem[];
};

/** Trades that found no room, between two times of receipt. They are in execution.trades, from where they are recovered. */
export type Overflow = {readonly from: Micros; readonly to: Micros; readonly trades: number};

export type QueueCounts = {
  readonly trades: number;
  readonly positions: number;
  readonly marks: number;
  /** Since the start: taken in; the same trade again while it waited; older than what waited; no room. */
  readonly offered: number;
  readonly duplicates: number;
  readonly superseded: number;
  /** Of those, positions; the others are prices. */
  readonly supersededPositions: number;
  readonly overflowed: number;
};

/**
 * Events between their receipt and their transaction, in bounded memory whatever the rate and however long the database
 * is away: trades up to a limit, beyond it only counted and declared; positions and marks one a key.
 */
export type Queue = {
  /** `full`: a trade that found no room and is part of the next `overflow`. */
  readonly offer: (item: Item) => 'queued' | 'duplicate' | 'superseded' | 'full';
  readonly size: () => number;
  /** Takes up to `most` trades, the oldest first, and every position and mark; undefined when there is nothing. */
  readonly take: (most: number) => Batch | undefined;
  /** Puts what could not be applied back at the head; what came meanwhile and is newer stays. */
  readonly putBack: (batch: Batch) => void;
  /** What overflowed since the last call. */
  readonly takeOverflow: () => Overflow | undefined;
  /** Publication of the oldest event that waits, or of the first that found no room and is not declared yet. */
  readonly oldest: () => Micros | undefined;
  readonly counts: () => QueueCounts;
};

export type QueueLimits = {readonly trades: number; readonly keys: number};

const LIMITS: QueueLimits = {trades: 20_000, keys: 50_000};

export function createQueue(limits: QueueLimits = LIMITS): Queue {
  // Maps keep the order of insertion, and so are a queue without duplicates.
  const trades = new Map<string, TradeItem>();
  const positions = new Map<string, PositionItem>();
  const marks = new Map<string, MarkItem>();
  const counts = {offered: 0, duplicates: 0, superseded: 0, supersededPositions: 0, overflowed: 0};
  let overflow: Overflow | undefined;
  const spill = (item: Item): 'full' => {
    counts.overflowed++;
    overflow = {
      from: Math.min(overflow?.from ?? item.since, item.since),
      to: Math.max(overflow?.to ?? item.receivedAt, item.receivedAt),
      trades: (overflow?.trades ?? 0) + 1,
    };
    return 'full';
  };
  const offerNewest = <T extends PositionItem | MarkItem>(held: Map<string, T>, item: T) => {
    const before = held.get(item.key);
    if (before) {
      counts.superseded++;
      if (item.kind === 'positions') counts.supersededPositions++;
      if (!isNewer(item, before)) return 'superseded';
    } else if (held.size >= limits.keys) return spill(item);
    held.set(item.key, item);
    return 'queued';
  };
  return {
    offer: item => {
      counts.offered++;
      if (item.kind === 'positions') return offerNewest(positions, item);
      if (item.kind === 'market_data') return offerNewest(marks, item);
      if (trades.has(item.key)) {
        counts.duplicates++;
        return 'duplicate';
      }
      if (trades.size >= limits.trades) return spill(item);
      trades.set(item.key, item);
      return 'queued';
    },
    size: () => trades.size + positions.size + marks.size,
    take: most => {
      if (trades.size + positions.size + marks.size === 0) return undefined;
      const batch = {trades: takeFirst(trades, most), positions: [...positions.values()], marks: [...marks.values()]};
      positions.clear();
      marks.clear();
      return batch;
    },
    putBack: batch => {
      const later = [...trades.values()];
      trades.clear();
      for (const item of [...batch.trades, ...later]) if (!trades.has(item.key)) trades.set(item.key, item);
      for (const item of batch.positions) keepNewest(positions, item);
      for (const item of batch.marks) keepNewest(marks, item);
    },
    takeOverflow: () => {
      const taken = overflow;
      overflow = undefined;
      return taken;
    },
    oldest: () =>
      least([leastSince(trades.values()), leastSince(positions.values()), leastSince(marks.values()), overflow?.from]),
    counts: () => ({...counts, trades: trades.size, positions: positions.size, marks: marks.size}),
  };
}

/**
 * Whether `item` wins over `other` of the same key: the newer one does, of equal times the larger, so that order never matters.
 * @internal
 */
export function isNewer<T extends PositionItem | MarkItem>(item: T, other: T): boolean {
  if (item.asOf !== other.asOf) return item.asOf > other.asOf;
  const [a, b] = [weight(item), weight(other)];
  const at = a.findIndex((digits, i) => !dec(digits).eq(b[i] as string));
  return at >= 0 && dec(a[at] as string).gt(b[at] as string);
}

const weight = (item: PositionItem | MarkItem): readonly string[] =>
  item.kind === 'positions' ? [item.quantity, item.avgPrice] : [item.price];

function takeFirst(held: Map<string, TradeItem>, most: number): readonly TradeItem[] {
  const taken: TradeItem[] = [];
  for (const [key, item] of held) {
    if (taken.length >= most) break;
    taken.push(item);
    held.delete(key);
  }
  return taken;
}

function keepNewest<T extends PositionItem | MarkItem>(held: Map<string, T>, item: T): void {
  const other = held.get(item.key);
  if (!other || isNewer(item, other)) held.set(item.key, item);
}

const least = (times: readonly (Micros | undefined)[]): Micros | undefined => {
  const known = times.filter(time => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
};
