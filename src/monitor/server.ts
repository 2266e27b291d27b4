import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import {decodeOne, grew, instant, maybeNumber, number, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {ServerRow} from './rows.ts';

const SQL = 'monitor/server';
const SIZE = 'monitor/database_size';
const PAGES = 'monitor/database_pages';
/** The size means a look at every file, and it changes slowly. */
const SIZE_EVERY_MS = 60_000;

const row = z.object({
  version: text,
  database: text,
  user: text,
  standby: z.boolean(),
  started_at: instant,
  clock: instant,
  sessions: number,
  active: number,
  waiting: number,
  max_connections: number,
  oldest_xact_seconds: number,
  standbys: number,
  stats_reset: z.string().nullable(),
  transactions: number,
  blocks_hit: number,
  blocks_read: number,
  deadlocks: number,
  wal_bytes: maybeNumber,
  reads_all_stats: z.boolean(),
  worked_ms: number,
});
const size = z.object({bytes: number});

export type ServerReading = z.output<typeof row>;

/** What the next fold needs of a reading. */
export type ServerMemory = {
  readonly reading: ServerReading;
  readonly restartedAt: Micros | undefined;
  readonly roleChangedAt: Micros | undefined;
  readonly lastDeadlockAt: Micros | undefined;
  /** The most standbys that there were, and since when there are fewer. */
  readonly standbys: number;
  readonly standbyLostAt: Micros | undefined;
};

export const serverReading = (raws: readonly Raw[]): ServerReading => decodeOne(row, raws, SQL);

/**
 * Makes the header's row of a reading and the one before. Rates are by the server's own clock. A restart, a fail-over
 * or a reset of the statistics drops the baseline: then there are no rates until the next reading. `at`: our clock.
 */
export function foldServer(
  before: ServerMemory | undefined,
  now: ServerReading,
  {sizeBytes, latencyMs}: {readonly sizeBytes: number; readonly latencyMs: number | undefined},
  at: Micros,
): {readonly row: ServerRow; readonly memory: ServerMemory} {
  const past = before?.reading;
  const restarted = past !== undefined && past.started_at !== now.started_at;
  const turned = past !== undefined && past.standby !== now.standby;
  const same = past !== undefined && !restarted && !turned;
  const seconds = same ? ((now.clock ?? 0) - (past.clock ?? 0)) / 1e6 : 0;
  const counted = same && seconds > 0 && past.stats_reset === now.stats_reset;
  const step = (from: number | undefined, to: number | undefined): number | undefined =>
    from === undefined || to === undefined || to < from ? undefined : to - from;
  const perSecond = (n: number | undefined): number | undefined => (n === undefined ? undefined : n / seconds);
  const hits = counted ? step(past.blocks_hit, now.blocks_hit) : undefined;
  const reads = counted ? step(past.blocks_read, now.blocks_read) : undefined;
  const blocks = hits === undefined || reads === undefined ? 0 : hits + reads;
  const standbys = turned ? now.standbys : Math.max(now.standbys, before?.standbys ?? 0);
  const memory: ServerMemory = {
    reading: now,
    standbys,
    standbyLostAt: now.standbys < standbys ? (before?.standbyLostAt ?? at) : undefined,
    restartedAt: restarted ? at : before?.restartedAt,
    roleChangedAt: turned ? at : before?.roleChangedAt,
    lastDeadlockAt: counted && grew(past.deadlocks, now.deadlocks) ? at : before?.lastDeadlockAt,
  };
  return {
    memory,
    row: {
      // Debian's server_version goes on with the package's.
      version: sanitise(now.version.split(' ')[0] ?? now.version),
      database: now.database,
      user: now.user,
      standby: now.standby,
      startedAt: now.started_at ?? at,
      sessions: now.sessions,
      active: now.active,
      waiting: now.waiting,
      maxConnections: now.max_connections,
      oldestXactSeconds: now.oldest_xact_seconds,
      sizeBytes,
      tps: counted ? perSecond(step(past.transactions, now.transactions)) : undefined,
      hitPercent: hits === undefined || blocks === 0 ? undefined : (hits * 100) / blocks,
      walBytesPerSecond: same && seconds > 0 ? perSecond(step(past.wal_bytes, now.wal_bytes)) : undefined,
      deadlocks: now.deadlocks,
      readsAllStats: now.reads_all_stats,
      latencyMs,
      standbys: now.standbys,
      standbyLostAt: memory.standbyLostAt,
      restartedAt: memory.restartedAt,
      roleChangedAt: memory.roleChangedAt,
      lastDeadlockAt: memory.lastDeadlockAt,
    },
  };
}

// A database of very many files cannot be measured in time: then what the catalogue says must do.
async function databaseSize(trading: Io): Promise<number> {
  try {
    return decodeOne(size, await trading.query(SIZE), SIZE).bytes;
  } catch {
    return decodeOne(size, await trading.query(PAGES), PAGES).bytes;
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
    let sized: {readonly bytes: number; readonly at: number} | undefined;
    return async ({trading}, _, clock) => {
      let tripMs: number | undefined;
      const timed = (ms: number): void => {
        tripMs = ms;
      };
      const reading = serverReading(await trading.query(SQL, [], {timed}));
      const latencyMs = tripMs === undefined ? undefined : Math.max(0, tripMs - reading.worked_ms);
      if (!sized || clock.ticks() - sized.at > SIZE_EVERY_MS) {
        sized = {bytes: await databaseSize(trading), at: clock.ticks()};
      }
      const folded = foldServer(before, reading, {sizeBytes: sized.bytes, latencyMs}, clock.now());
      before = folded.memory;
      return {server: [folded.row]};
    };
  },
};
