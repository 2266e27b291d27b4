import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import {decodeOne, grew, instant, maybeNumber, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {type DatabaseSize, growthOf, withSize} from './size-growth.ts';

const SQL = 'monitor/server';
const SIZE = 'monitor/database_size';
const PAGES = 'monitor/database_pages';
/** PostgreSQL looks at every file for the size, and the size changes slowly. */
const SIZE_EVERY_MS = 60_000;
/** Where there are very many files it is read less often: after so many times what it took. */
const SIZE_REST = 1500;

const row = rowSchema({
  version: text,
  database: text,
  user: text,
  standby: z.boolean(),
  started_at: instant,
  /** The server's clock at the reading. */
  clock: instant,
  sessions: number,
  active: number,
  /** Sessions that wait for a lock. */
  waiting: number,
  max_connections: number,
  oldest_xact_seconds: number,
  /** Standbys that receive from this server. */
  standbys: number,
  stats_reset: z.string().nullable(),
  transactions: number,
  blocks_hit: number,
  blocks_read: number,
  deadlocks: number,
  wal_bytes: maybeNumber,
  /** Whether this role reads other users' statistics (pg_read_all_stats). */
  reads_all_stats: z.boolean(),
  /** The server's work on the statement, in milliseconds. */
  worked_ms: number,
});
const size = rowSchema({bytes: number});

/** @internal */
export type ServerReading = z.output<typeof row>;

/** What the console saw happen to the server, by its own clock; undefined: not yet. */
type ServerEvents = {
  readonly restartedAt: Micros | undefined;
  /** It changed between primary and standby. */
  readonly roleChangedAt: Micros | undefined;
  readonly lastDeadlockAt: Micros | undefined;
  /** There were fewer standbys than before; undefined again once they are back. */
  readonly standbyLostAt: Micros | undefined;
};

/** What the next fold needs of a reading. @internal */
export type ServerMemory = {
  readonly reading: ServerReading;
  readonly events: ServerEvents;
  /** The most standbys seen. */
  readonly standbys: number;
};

type Measured = {
  /** Undefined at the first reading, which is to come soon. */
  readonly sizeBytes: number | undefined;
  /** How much the size grew in so many seconds, at most an hour. */
  readonly grownBytes: number;
  readonly grownSeconds: number;
  /** Round trip without the server's work on the statement, in milliseconds. */
  readonly latencyMs: number | undefined;
};

/** The server and the trading database, for the header. */
export type ServerRow = Readonly<ReturnType<typeof foldServer>['row']>;

/**
 * Makes the header's row from a reading and the one before it. A restart, a fail-over or a reset of the statistics
 * drops the baseline: then there are no rates until the next reading. `at`: our clock.
 * @internal
 */
export function foldServer(before: ServerMemory | undefined, now: ServerReading, measured: Measured, at: Micros) {
  const {clock, statsReset, transactions, blocksHit, blocksRead, walBytes, workedMs, ...rest} = now;
  const past = before?.reading;
  const turned = past !== undefined && past.standby !== now.standby;
  const standbys = turned ? now.standbys : Math.max(now.standbys, before?.standbys ?? 0);
  const events: ServerEvents = {
    standbyLostAt: now.standbys < standbys ? (before?.events.standbyLostAt ?? at) : undefined,
    restartedAt: past !== undefined && past.startedAt !== now.startedAt ? at : before?.events.restartedAt,
    roleChangedAt: turned ? at : before?.events.roleChangedAt,
    lastDeadlockAt: isCounted(past, now) && grew(past?.deadlocks, now.deadlocks) ? at : before?.events.lastDeadlockAt,
  };
  const memory: ServerMemory = {reading: now, events, standbys};
  return {
    memory,
    row: {
      ...rest,
      ...ofAll(now),
      // Debian appends the package's version to server_version.
      version: sanitise(now.version.split(' ')[0] ?? now.version),
      startedAt: now.startedAt ?? at,
      ...measured,
      ...ratesOf(past, now),
      ...events,
    },
  };
}

/** What a role sees of its own sessions alone where it may not read those of others: then nothing is known of all. */
function ofAll({readsAllStats, active, waiting, oldestXactSeconds, standbys}: ServerReading) {
  const known = (n: number): number | undefined => (readsAllStats ? n : undefined);
  return {
    active: known(active),
    waiting: known(waiting),
    oldestXactSeconds: known(oldestXactSeconds),
    standbys: known(standbys),
  };
}

/** Rates over the interval between two readings, by the server's own clock; undefined without a baseline. */
type ServerRates = {
  readonly tps: number | undefined;
  /** Blocks found in the cache, 0…100; undefined when none were read. */
  readonly hitPercent: number | undefined;
  readonly walBytesPerSecond: number | undefined;
};

function ratesOf(past: ServerReading | undefined, now: ServerReading): ServerRates {
  const perSecond = (n: number | undefined): number | undefined =>
    n === undefined ? undefined : n / secondsBetween(past, now);
  const counted = isCounted(past, now) ? past : undefined;
  const hits = step(counted?.blocksHit, now.blocksHit);
  const reads = step(counted?.blocksRead, now.blocksRead);
  const blocks = hits === undefined || reads === undefined ? 0 : hits + reads;
  return {
    tps: perSecond(step(counted?.transactions, now.transactions)),
    hitPercent: hits === undefined || blocks === 0 ? undefined : (hits * 100) / blocks,
    walBytesPerSecond: secondsBetween(past, now) > 0 ? perSecond(step(past?.walBytes, now.walBytes)) : undefined,
  };
}

/** 0 where the two are not readings of one server in one role. */
function secondsBetween(past: ServerReading | undefined, now: ServerReading): number {
  if (past === undefined || past.startedAt !== now.startedAt || past.standby !== now.standby) return 0;
  return Math.max(0, ((now.clock ?? 0) - (past.clock ?? 0)) / 1e6);
}

/** Whether the counters of pg_stat_database went on from one reading to the next. */
const isCounted = (past: ServerReading | undefined, now: ServerReading): past is ServerReading =>
  secondsBetween(past, now) > 0 && past?.statsReset === now.statsReset;

const step = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined || to < from ? undefined : to - from;

// A database with very many files cannot be measured in time: then the catalogue's page counts must do.
async function databaseSize(trading: Io): Promise<Omit<DatabaseSize, 'at'>> {
  try {
    return {bytes: decodeOne(size, await trading.query(SIZE), SIZE).bytes, exact: true};
  } catch {
    return {bytes: decodeOne(size, await trading.query(PAGES), PAGES).bytes, exact: false};
  }
}

/** The server and the trading database: version, role, sessions against their limit, throughput. */
export const serverPoller: Poller<{server: ServerRow}> = {
  ids: ['server'],
  everyMs: 500,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, SIZE, PAGES],
  deltas: true,
  reader: () => {
    let before: ServerMemory | undefined;
    let sizes: readonly DatabaseSize[] = [];
    let tookMs = 0;
    return async ({trading}, _, clock) => {
      let tripMs: number | undefined;
      const timed = (ms: number): void => {
        tripMs = ms;
      };
      const reading = decodeOne(row, await trading.query(SQL, [], {timed}), SQL);
      const latencyMs = tripMs === undefined ? undefined : Math.max(0, tripMs - reading.workedMs);
      const began = clock.ticks();
      const sizedAt = sizes.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
      if (before !== undefined && began - sizedAt > Math.max(SIZE_EVERY_MS, SIZE_REST * tookMs)) {
        const read = await databaseSize(trading);
        tookMs = clock.ticks() - began;
        sizes = withSize(sizes, {...read, at: clock.ticks()});
      }
      const sizeBytes = sizes.at(-1)?.bytes;
      const folded = foldServer(before, reading, {sizeBytes, ...growthOf(sizes), latencyMs}, clock.now());
      before = folded.memory;
      return {server: [folded.row]};
    };
  },
};
