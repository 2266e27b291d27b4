import type {Micros} from '../core/time.ts';

/** One entry's counters, as pg_stat_statements keeps them since the entry began. */
export type Counters = {
  /** userid/dbid/queryid/toplevel: what the view is keyed by. */
  readonly key: string;
  readonly queryid: string;
  readonly toplevel: boolean;
  readonly calls: number;
  readonly totalMs: number;
  readonly maxMs: number;
  readonly rows: number;
  readonly hit: number;
  readonly read: number;
  readonly ioMs: number;
  /** When the entry began, in the server's words; undefined before version 1.11 of the extension. */
  readonly since: string | undefined;
};

/** What is known of the statistics as a whole at a reading. Times are the server's. */
export type StatementsFacts = {
  /** Of the extension: another one may count otherwise. */
  readonly variant: number;
  readonly clock: Micros;
  readonly startedAt: Micros | undefined;
  readonly standby: boolean;
  readonly statsReset: Micros | undefined;
  readonly dealloc: number | undefined;
  /** Whether every entry was read; else a new one may be an old one. */
  readonly complete: boolean;
};

export type StatementsMemory = {
  readonly facts: StatementsFacts;
  readonly entries: ReadonlyMap<string, Counters>;
};

/** What an entry did in the interval. */
export type StatementsChange = {
  readonly now: Counters;
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
  readonly hit: number;
  readonly read: number;
  readonly ioMs: number;
};

export type StatementsDelta = {
  readonly memory: StatementsMemory;
  /** Undefined when there is nothing to compare with: the first reading, a restart, a fail-over, another extension. */
  readonly intervalSeconds: number | undefined;
  /** Entries that were called in the interval, the ones that took most time first. */
  readonly changes: readonly StatementsChange[];
};

/**
 * What happened between two readings. An entry that began anew within the interval (a reset, an eviction, its first
 * call) counts with all that it has; an entry of which that cannot be known does not count. No number is ever negative.
 */
export function foldStatements(
  before: StatementsMemory | undefined,
  facts: StatementsFacts,
  entries: readonly Counters[],
): StatementsDelta {
  const memory: StatementsMemory = {facts, entries: byKey(entries)};
  const past = before?.facts;
  const seconds = past ? (facts.clock - past.clock) / 1e6 : 0;
  if (!before || !past || !sameServer(past, facts) || seconds <= 0) {
    return {memory, intervalSeconds: undefined, changes: []};
  }
  const reset = past.statsReset !== facts.statsReset;
  const changes: StatementsChange[] = [];
  for (const now of memory.entries.values()) {
    const change = changeOf(reset ? undefined : before.entries.get(now.key), now, reset || past.complete);
    if (change && change.calls > 0) changes.push(change);
  }
  changes.sort((a, b) => b.totalMs - a.totalMs || b.calls - a.calls || (a.now.key < b.now.key ? -1 : 1));
  return {memory, intervalSeconds: seconds, changes};
}

const sameServer = (a: StatementsFacts, b: StatementsFacts): boolean =>
  a.startedAt === b.startedAt && a.standby === b.standby && a.variant === b.variant;

/** Entries by their keys. Version 1.8 does not tell top-level and nested ones apart: those are added up. */
function byKey(entries: readonly Counters[]): ReadonlyMap<string, Counters> {
  const map = new Map<string, Counters>();
  for (const entry of entries) {
    const other = map.get(entry.key);
    map.set(entry.key, other ? sum(entry, other) : entry);
  }
  return map;
}

const sum = (a: Counters, b: Counters): Counters => ({
  ...a,
  calls: a.calls + b.calls,
  totalMs: a.totalMs + b.totalMs,
  maxMs: Math.max(a.maxMs, b.maxMs),
  rows: a.rows + b.rows,
  hit: a.hit + b.hit,
  read: a.read + b.read,
  ioMs: a.ioMs + b.ioMs,
});

/** `known`: whether an entry that was not there before is new. */
function changeOf(past: Counters | undefined, now: Counters, known: boolean): StatementsChange | undefined {
  if (!past && !known) return undefined;
  const anew =
    !past ||
    past.since !== now.since ||
    now.calls < past.calls ||
    now.totalMs < past.totalMs ||
    now.rows < past.rows ||
    now.hit < past.hit ||
    now.read < past.read ||
    now.ioMs < past.ioMs;
  if (anew) return {now, ...parts(now)};
  return {
    now,
    calls: now.calls - past.calls,
    totalMs: now.totalMs - past.totalMs,
    rows: now.rows - past.rows,
    hit: now.hit - past.hit,
    read: now.read - past.read,
    ioMs: now.ioMs - past.ioMs,
  };
}

const parts = ({calls, totalMs, rows, hit, read, ioMs}: Counters): Omit<StatementsChange, 'now'> => ({
  calls,
  totalMs,
  rows,
  hit,
  read,
  ioMs,
});
