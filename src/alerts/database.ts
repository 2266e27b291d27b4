import {age, bytes, count, percent, plural} from '../core/format.ts';
import type {CountersRow} from '../monitor/counters.ts';
import {mostIdle} from './most-idle.ts';
import {figureAt} from './places.ts';
import {type AlertFinding, type AlertRule, found, measured, type Seen} from './rule.ts';

const GB = 1024 ** 3;
/** Transaction ids before the oldest rows would be in the future. */
const ID_SPACE = 2 ** 31;
/** Fewer blocks than these say nothing of the cache. */
const LEAST_BLOCKS = 200_000;

/** A rule about the counters of the server. */
const ofCounters =
  (find: (row: CountersRow, state: Seen) => readonly AlertFinding[]): AlertRule['find'] =>
  state =>
    state.samples.counters.rows.flatMap(row => find(row, state));

/** How much of the ids is used up, 0…1: at 1 the server stops accepting writes. */
export const wrapShare = ({xidAge, multixactAge}: CountersRow): number => Math.max(xidAge, multixactAge) / ID_SPACE;

/** Whether the archiver has failed since its last success. */
export const archiverFails = ({lastArchiveFailureAt, lastArchivedAt = 0}: CountersRow): boolean =>
  lastArchiveFailureAt !== undefined && lastArchiveFailureAt > lastArchivedAt;

/** Connections that are left for ordinary roles. */
export const connectionsLeft = ({connections, maxConnections, reservedConnections}: CountersRow): number =>
  Math.max(0, maxConnections - reservedConnections - connections);

/** Blocks found in the cache, 0…1; undefined: too few were read lately. */
export const cacheShare = ({recent}: CountersRow): number | undefined =>
  recent === undefined || recent.blocksHit + recent.blocksRead < LEAST_BLOCKS
    ? undefined
    : recent.blocksHit / (recent.blocksHit + recent.blocksRead);

/** WAL, checkpoints, connections, ids and input and output of the whole server. */
export const databaseRules: readonly AlertRule[] = [
  {
    id: 'connections_reserved',
    when: 'only the reserved connections are left',
    needs: ['counters'],
    owner: 'database',
    todo: 'End the idle sessions that it leads to (→, then K, all that the filter shows), or make the services’ pools smaller: services are refused now.',
    // Services that are refused try again: a connection comes and goes.
    limits: {unit: 'count', warn: 1, crit: 1, clear: 4, worse: 'under'},
    find: ({samples: {counters, sessions}}) =>
      counters.rows.flatMap(row => {
        const idle = mostIdle(sessions.rows);
        return measured(connectionsLeft(row), {
          text: `No connection is left for services: ${row.connections} of ${row.maxConnections}, ${row.reservedConnections} reserved${idle.words}`,
          row: idle.row ?? figureAt('connections'),
        });
      }),
  },
  {
    id: 'wraparound',
    when: 'the transaction ids are used up to a large part',
    needs: ['counters'],
    owner: 'database',
    todo: 'Vacuum the oldest tables (Tables & vacuum, ordered by FREEZE%); see what holds the xmin horizon.',
    limits: {unit: 'share', warn: 0.25, crit: 0.5},
    find: ofCounters(row =>
      measured(wrapShare(row), {
        text: `${percent(wrapShare(row) * 100, 0)} of the transaction ids are used up in database ${row.oldestDatabase}`,
        row: figureAt('transaction ids'),
      }),
    ),
  },
  {
    id: 'wal_rate',
    when: 'the server has written much WAL for ten minutes',
    needs: ['counters'],
    owner: 'database',
    todo: 'Look in Slow queries for what writes; watch the disk and the standbys.',
    limits: {unit: 'bytes', warn: 20 * GB, crit: 100 * GB, clear: 15 * GB},
    find: ofCounters(({recent, recentSeconds}) =>
      recent === undefined
        ? []
        : measured(recent.walBytes, {
            text: `${bytes(recent.walBytes)} of WAL in ${age(recentSeconds)}`,
            row: figureAt('WAL'),
          }),
    ),
  },
  {
    id: 'checkpoints_requested',
    when: 'checkpoints come because the WAL is full, not because it is time',
    needs: ['counters'],
    owner: 'database',
    todo: 'Raise max_wal_size: each checkpoint before its time costs more full-page images.',
    limits: {unit: 'count', warn: 4},
    find: ofCounters(({recent, recentSeconds}) =>
      recent === undefined || recent.checkpointsRequested <= recent.checkpointsTimed
        ? []
        : measured(recent.checkpointsRequested, {
            text: `${count(recent.checkpointsRequested)} checkpoints by request in ${age(recentSeconds)}, ${count(recent.checkpointsTimed)} by time`,
            row: figureAt('checkpoints'),
          }),
    ),
  },
  {
    id: 'archiver_failing',
    when: 'WAL cannot be archived',
    needs: ['counters'],
    owner: 'database',
    todo: 'Read the server’s log for archive_command; until it works the WAL stays on this disk.',
    find: ofCounters((row, {at}) => {
      const since = row.lastArchivedAt ?? row.lastArchiveFailureAt ?? at;
      const seconds = (at - since) / 1e6;
      return found(archiverFails(row) ? (seconds > 600 ? 'crit' : 'warn') : 'ok', {
        text: `WAL cannot be archived: ${count(row.archiveFailures)} failures, the last success ${row.lastArchivedAt === undefined ? 'never' : `${age(seconds)} ago`}`,
        since: row.lastArchiveFailureAt,
        row: figureAt('archiver'),
      });
    }),
  },
  {
    id: 'temp_files',
    when: 'queries wrote much to temporary files in ten minutes',
    needs: ['counters'],
    owner: 'database',
    todo: 'Look in Slow queries for sorts and joins of much data; raise work_mem for that role.',
    limits: {unit: 'bytes', warn: 2 * GB, crit: 20 * GB, clear: GB},
    find: ofCounters(({recent, recentSeconds}) =>
      recent === undefined
        ? []
        : measured(recent.tempBytes, {
            text: `${bytes(recent.tempBytes)} in ${plural(recent.tempFiles, 'temporary file')} in ${age(recentSeconds)}`,
            row: figureAt('temporary files'),
          }),
    ),
  },
  {
    id: 'cache_hit',
    when: 'many blocks are not found in the cache',
    needs: ['counters'],
    owner: 'database',
    todo: 'Look in Slow queries for what reads much (HIT); the working set no longer fits shared_buffers.',
    limits: {unit: 'share', warn: 0.9, clear: 0.95, worse: 'under', forSeconds: 120},
    find: ofCounters(row => {
      const share = cacheShare(row);
      return share === undefined
        ? []
        : measured(share, {
            text: `Only ${percent(share * 100)} of the blocks were found in the cache in ${age(row.recentSeconds)}`,
            row: figureAt('cache'),
          });
    }),
  },
  {
    id: 'checksum_failures',
    when: 'a page of a data file was damaged',
    needs: ['counters'],
    owner: 'database',
    todo: 'Stop writing, save the data directory, and restore what is damaged from a standby or a backup.',
    find: ofCounters(row =>
      found((row.checksumFailures ?? 0) > 0 ? 'crit' : 'ok', {
        text: `${plural(row.checksumFailures ?? 0, 'checksum failure')}: pages of data files are damaged`,
        since: row.lastChecksumFailureAt,
        row: figureAt('checksum failures'),
      }),
    ),
  },
  {
    id: 'disk_growth',
    when: 'the database grows fast',
    needs: ['server'],
    owner: 'database',
    todo: 'Look in Tables & vacuum for what grows, and at the free space of the disk.',
    limits: {unit: 'bytes', warn: 20 * GB, crit: 100 * GB},
    find: ({samples: {server}}) =>
      server.rows.flatMap(({grownBytes, grownSeconds, sizeBytes}) =>
        measured(grownBytes, {
          text: `The database grew by ${bytes(grownBytes)} in ${age(grownSeconds)}, to ${bytes(sizeBytes)}`,
          row: figureAt('database size'),
        }),
      ),
  },
];
