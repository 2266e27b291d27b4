import type {Micros} from '../core/time.ts';

type Sums = {
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
  /** Shared blocks found in the cache, and read from outside it. */
  readonly hit: number;
  readonly read: number;
};

/** One entry's counters, as pg_stat_statements keeps them since the entry's start. */
export type Counters = Sums & {
  /** userid/dbid/queryid/toplevel: the key of the view. */
  readonly key: string;
  readonly queryid: string;
  readonly toplevel: boolean;
  readonly maxMs: number;
  /** The entry's start, as the server writes it; undefined before version 1.11 of the extension. */
  readonly since: string | undefined;
};

/** The state of the statistics as a whole at a reading. Times are the server's. */
export type StatementsFacts = {
  /** Of the extension: another version may count in another way. */
  readonly variant: number;
  readonly clock: Micros;
  readonly startedAt: Micros | undefined;
  readonly standby: boolean;
  readonly statsReset: Micros | undefined;
  readonly dealloc: number | undefined;
  /** Whether every entry was read; if not, an entry that seems new may be an old one. */
  readonly complete: boolean;
};

export type StatementsMemory = {
  readonly facts: StatementsFacts;
  readonly entries: ReadonlyMap<string, Counters>;
};

/** An entry's activity in the interval. */
export type StatementsChange = Sums & {readonly now: Counters};

export type StatementsDelta = {
  readonly memory: StatementsMemory;
  /** Undefined without a baseline: after the first reading, a restart, a fail-over or an update of the extension. */
  readonly intervalSeconds: number | undefined;
  /** Entries that were called in the interval, the ones that took most time first. */
  readonly changes: readonly StatementsChange[];
};

/**
 * Computes what happened between two readings. An entry that started within the interval (a reset, an eviction, its
 * first call) counts with its whole counters; an entry whose start cannot be known does not count. No number is ever
 * negative.
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
  changes.sort(byTime);
  return {memory, intervalSeconds: seconds, changes};
}

/** What happened since the statistics were reset: the whole counters of every entry. */
export function totalStatements(facts: StatementsFacts, entries: readonly Counters[]): Omit<StatementsDelta, 'memory'> {
  const {statsReset, clock} = facts;
  const changes = [...byKey(entries).values()].map(now => ({...now, now})).filter(({calls}) => calls > 0);
  return {
    intervalSeconds: statsReset === undefined ? undefined : (clock - statsReset) / 1e6,
    changes: changes.sort(byTime),
  };
}

const byTime = (a: StatementsChange, b: StatementsChange): number =>
  b.totalMs - a.totalMs || b.calls - a.calls || (a.now.key < b.now.key ? -1 : 1);

const sameServer = (a: StatementsFacts, b: StatementsFacts): boolean =>
  a.startedAt === b.startedAt && a.standby === b.standby && a.variant === b.variant;

/** Entries by their keys. Version 1.8 does not tell top-level from nested statements: their counters are added up. */
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
});

/** `known`: an entry without a past is a new one. */
function changeOf(past: Counters | undefined, now: Counters, known: boolean): StatementsChange | undefined {
  if (!past && !known) return undefined;
  const restarted =
    !past ||
    past.since !== now.since ||
    now.calls < past.calls ||
    now.totalMs < past.totalMs ||
    now.rows < past.rows ||
    now.hit < past.hit ||
    now.read < past.read;
  if (restarted) {
    const {calls, totalMs, rows, hit, read} = now;
    return {now, calls, totalMs, rows, hit, read};
  }
  return {
    now,
    calls: now.calls - past.calls,
    totalMs: now.totalMs - past.totalMs,
    rows: now.rows - past.rows,
    hit: now.hit - past.hit,
    read: now.read - past.read,
  };
}
