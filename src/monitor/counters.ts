import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, decodeOne, instant, maybeNumber, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

const SQL = 'monitor/counters';
const IO = 'monitor/io';

/** What happened lately is counted over this time, in seconds: as long as a checkpoint’s usual interval, twice. */
const RECENT_SECONDS = 600;
/** So many readings are kept of that time. */
const STEP_SECONDS = 10;

const row = rowSchema({
  clock: instant,
  started_at: instant,
  standby: z.boolean(),
  wal_records: number,
  /** Full images of pages, which are written at the first change after a checkpoint. */
  wal_images: number,
  wal_bytes: number,
  /** Times that the WAL was written because its buffers were full. */
  wal_buffers_full: number,
  wal_reset: instant,
  checkpoints_timed: number,
  /** Since the WAL reached max_wal_size, or somebody asked for one. */
  checkpoints_requested: number,
  checkpoint_write_ms: number,
  checkpoint_sync_ms: number,
  buffers_checkpoint: number,
  buffers_cleaned: number,
  /** Times that the background writer stopped because it had written too much. */
  cleaner_stopped: number,
  buffers_allocated: number,
  /** Undefined from PostgreSQL 17 on. */
  buffers_backend: maybeNumber,
  checkpoints_reset: instant,
  archived: number,
  archive_failures: number,
  last_archived_at: instant,
  last_archive_failure_at: instant,
  archive_mode: text,
  temp_files: number,
  temp_bytes: number,
  deadlocks: number,
  /** Statements that a standby cancelled because of what it replays. */
  conflicts: number,
  blocks_hit: number,
  blocks_read: number,
  /** Undefined: the cluster has no checksums. */
  checksum_failures: maybeNumber,
  last_checksum_failure_at: instant,
  commits: number,
  rollbacks: number,
  /** Sessions that were lost, ended by an error, or killed. */
  sessions_lost: number,
  databases_reset: instant,
  connections: number,
  replicating: number,
  max_connections: number,
  /** Of these, kept for superusers and for those that may use them. */
  reserved_connections: number,
  xid_age: number,
  multixact_age: number,
  oldest_database: text,
});
const io = rowSchema({
  backend: text,
  reads: number,
  read_bytes: number,
  /** Undefined without track_io_timing. */
  read_ms: maybeNumber,
  writes: number,
  written_bytes: number,
  write_ms: maybeNumber,
  extends: number,
  stats_reset: instant,
});

/** @internal */
export type CountersReading = z.output<typeof row>;
type IoReading = z.output<typeof io>;

/** The readings of the last ten minutes, the oldest first, and the last of all. @internal */
export type CountersMemory = {readonly kept: readonly CountersReading[]; readonly last: CountersReading};

/** Counters whose growth per second is shown. */
const RATES = [
  'walBytes',
  'checkpointsTimed',
  'checkpointsRequested',
  'buffersCheckpoint',
  'buffersCleaned',
  'buffersAllocated',
  'archived',
  'tempBytes',
  'blocksRead',
  'commits',
  'rollbacks',
] as const;
/** Counters whose growth over the last ten minutes is shown or judged. */
const LATELY = [
  'walRecords',
  'walImages',
  'walBytes',
  'walBuffersFull',
  'checkpointsTimed',
  'checkpointsRequested',
  'tempFiles',
  'tempBytes',
  'deadlocks',
  'conflicts',
  'blocksHit',
  'blocksRead',
  'rollbacks',
  'sessionsLost',
] as const;

type Counter = (typeof RATES | typeof LATELY)[number];

/** The counters of the server. */
export type CountersRow = Readonly<ReturnType<typeof foldCounters>['row']>;

/**
 * Adds to a reading how much each counter grew since the one before it, per second, and over the last ten minutes. A
 * restart, a fail-over or a reset begins anew: then there is no growth until the next reading.
 * @internal
 */
export function foldCounters(before: CountersMemory | undefined, now: CountersReading) {
  const goesOn = before !== undefined && sameCount(before.last, now);
  const kept = (goesOn ? before.kept : []).filter(past => secondsBetween(past, now) <= RECENT_SECONDS);
  const [first] = kept;
  const newest = kept.at(-1);
  const memory: CountersMemory = {
    kept: newest === undefined || secondsBetween(newest, now) >= STEP_SECONDS ? [...kept, now] : kept,
    last: now,
  };
  const span = goesOn ? secondsBetween(before.last, now) : 0;
  const recentSeconds = first === undefined ? 0 : secondsBetween(first, now);
  const {clock, startedAt, standby, walReset, checkpointsReset, databasesReset, ...counted} = now;
  const {walRecords, walImages, walBuffersFull, buffersAllocated, deadlocks, conflicts, ...rest} = counted;
  const {blocksHit, blocksRead, sessionsLost, ...shown} = rest;
  return {
    memory,
    row: {
      ...shown,
      /** Growth per second since the reading before; undefined: there is none. */
      perSecond: goesOn && span > 0 ? growth(RATES, before.last, now, span) : undefined,
      /** Growth over the last `recentSeconds`; undefined: not known yet. */
      recent: first !== undefined && recentSeconds > 0 ? growth(LATELY, first, now, 1) : undefined,
      recentSeconds,
    },
  };
}

const growth = <C extends Counter>(
  counters: readonly C[],
  from: CountersReading,
  to: CountersReading,
  seconds: number,
) =>
  Object.fromEntries(counters.map(name => [name, (to[name] - from[name]) / seconds])) as {readonly [Name in C]: number};

const secondsBetween = (past: CountersReading, now: CountersReading): number =>
  Math.max(0, ((now.clock ?? 0) - (past.clock ?? 0)) / 1e6);

// A counter that fell was reset, whatever the view says of its resets.
const sameCount = (past: CountersReading, now: CountersReading): boolean =>
  past.startedAt === now.startedAt &&
  past.standby === now.standby &&
  past.walReset === now.walReset &&
  past.checkpointsReset === now.checkpointsReset &&
  past.databasesReset === now.databasesReset &&
  [...RATES, ...LATELY].every(name => now[name] >= past[name]);

/** Input and output of one kind of process. */
export type IoRow = ReturnType<typeof foldIo>[number];

/** Adds the rates since the reading before. @internal */
export function foldIo(before: readonly IoReading[], now: readonly IoReading[], seconds: number) {
  return now.map(({statsReset, ...counted}) => {
    const past = before.find(one => one.backend === counted.backend && one.statsReset === statsReset);
    const step = (of: 'reads' | 'readBytes' | 'writes' | 'writtenBytes'): number | undefined =>
      past === undefined || seconds <= 0 || counted[of] < past[of] ? undefined : (counted[of] - past[of]) / seconds;
    return {
      ...counted,
      readsPerSecond: step('reads'),
      readBytesPerSecond: step('readBytes'),
      writesPerSecond: step('writes'),
      writtenBytesPerSecond: step('writtenBytes'),
    };
  });
}

/** The counters of the server, and from PostgreSQL 16 on its input and output by kind of process. */
export const countersPoller: Poller<{counters: CountersRow; io: IoRow}> = {
  ids: ['counters', 'io'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, IO],
  deltas: true,
  reader: () => {
    let memory: CountersMemory | undefined;
    let past: readonly IoReading[] = [];
    return async ({trading}) => {
      const reading = decodeOne(row, await trading.query(SQL), SQL);
      const ios: readonly Raw[] = await trading.query(IO);
      const now = decode(io, ios, IO);
      const seconds = memory === undefined ? 0 : secondsBetween(memory.last, reading);
      const folded = foldCounters(memory, reading);
      const rows = foldIo(past, now, seconds);
      [memory, past] = [folded.memory, now];
      return {counters: [folded.row], io: rows};
    };
  },
};
