import {bytes} from '../core/format.ts';
import type {RedisRow} from '../monitor/redis.ts';
import {LIMITS, within} from './limits.ts';
import {HEALTH} from './places.ts';
import {type AlertFinding, type AlertRule, found, measured, type Seen} from './rule.ts';

/** A rule about the row of a Redis that answers. */
const ofRow =
  (find: (row: RedisRow, at: number) => readonly AlertFinding[]): AlertRule['find'] =>
  ({at, samples: {redis}}: Seen) => {
    const [row] = redis.rows;
    return row ? find(row, at) : [];
  };

const figure = (name: string) => ({pane: 'server', key: `redis ${name}`}) as const;

/** The Redis behind the bus. */
export const redisRules: readonly AlertRule[] = [
  {
    id: 'redis_down',
    when: 'Redis does not answer commands while the subscription stands',
    needs: [],
    owner: 'platform',
    todo: 'Look at the Redis server and its log.',
    find: ({bus: {link}, samples: {redis}}) =>
      found(redis.state === 'down' && link.state === 'ready' ? 'crit' : 'ok', {
        text: `Redis does not answer commands: ${redis.failure?.message ?? ''}`,
        row: HEALTH.redis,
        since: redis.failingSince,
        hides: ['redis'],
      }),
  },
  {
    id: 'redis_denied',
    when: 'Redis denies INFO',
    needs: [],
    owner: 'platform',
    todo: 'Give the user the command: ACL SETUSER … +info.',
    find: ({bus: {link}, samples: {redis}}) =>
      found(redis.state === 'denied' && link.state !== 'denied' ? 'warn' : 'ok', {
        text: `Redis denies INFO: ${redis.failure?.message ?? ''}`,
        row: HEALTH.redis,
        since: redis.failingSince,
        hides: ['redis'],
      }),
  },
  {
    id: 'redis_memory',
    when: 'Redis is close to its memory limit',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Find what grows (redis-cli --bigkeys), trim the streams, or raise maxmemory.',
    limits: {unit: 'share', ...LIMITS.redisMemory, clear: 0.85},
    find: ofRow(({memoryBytes, maxMemoryBytes}) => {
      const share = maxMemoryBytes > 0 ? memoryBytes / maxMemoryBytes : 0;
      return measured(share, {
        text: `Redis uses ${Math.floor(share * 100)} % of its memory limit, ${bytes(maxMemoryBytes)}`,
        row: figure('memory'),
      });
    }),
  },
  {
    id: 'redis_evicting',
    when: 'Redis evicts keys because its memory is full',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Raise maxmemory; a stream or a lock that is evicted loses events.',
    find: ofRow(({lastEvictionAt, evicted}, at) =>
      found(within(at, lastEvictionAt, LIMITS.recent) ? 'warn' : 'ok', {
        text: `Redis evicts keys because its memory is full: ${evicted} so far`,
        row: figure('memory'),
        since: lastEvictionAt,
      }),
    ),
  },
  {
    id: 'redis_cut',
    when: 'Redis disconnected a client that read too slowly',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Find the slow client by CLIENT LIST (omem), or raise client-output-buffer-limit pubsub.',
    find: ofRow(({lastCutAt, outputBufferCuts}, at) =>
      found(within(at, lastCutAt, LIMITS.recent) ? 'warn' : 'ok', {
        text: `Redis disconnected a client that read too slowly: ${outputBufferCuts} so far`,
        row: figure('largest output buffer'),
        since: lastCutAt,
      }),
    ),
  },
  {
    id: 'redis_restart',
    when: 'Redis was restarted',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Find out why; look for gaps in the Sync pane.',
    find: ofRow(({restartedAt}, at) =>
      found(within(at, restartedAt, LIMITS.notable) ? 'warn' : 'ok', {
        text: 'Redis was restarted',
        since: restartedAt,
        row: HEALTH.redis,
      }),
    ),
  },
  {
    id: 'redis_buffers',
    when: 'the largest output buffer of a client of Redis is large: a subscriber reads too slowly',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Find the slow client by CLIENT LIST (omem); Redis disconnects it at client-output-buffer-limit.',
    limits: {unit: 'bytes', warn: 4 * 1024 ** 2, crit: 24 * 1024 ** 2},
    find: ofRow(({largestBufferBytes: size}) =>
      size === undefined
        ? []
        : measured(size, {
            text: `A client of Redis has not read ${bytes(size)} that wait for it`,
            row: figure('largest output buffer'),
          }),
    ),
  },
  {
    id: 'redis_persistence',
    when: 'Redis could not write its snapshot or its append-only file, or reads them',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Look at the disk and the log of Redis: after a restart what was not written is lost.',
    find: ofRow(({persistence}) =>
      found(persistence === undefined ? 'ok' : 'crit', {
        text: `Redis: ${persistence}`,
        cause: persistence,
        row: figure('persistence'),
      }),
    ),
  },
  {
    id: 'redis_slow',
    when: 'Redis logged a slow command',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Read SLOWLOG GET: while such a command runs, nothing is delivered.',
    find: ofRow(({lastSlowAt, lastSlow}, at) =>
      found(within(at, lastSlowAt, LIMITS.recent) ? 'warn' : 'ok', {
        text: `Redis logged a slow command: ${lastSlow}`,
        row: figure('slow log'),
        since: lastSlowAt,
      }),
    ),
  },
  {
    id: 'redis_replication',
    when: 'the replication of Redis is broken: a replica without its master, or a master that lost a replica',
    needs: ['redis'],
    owner: 'platform',
    todo: 'Look at INFO replication on both servers: after a fail-over what was not replicated is lost.',
    find: ofRow(({replication, replicaLostAt}, at) => [
      ...found(replication === undefined ? 'ok' : 'crit', {
        subject: 'link',
        text: `Redis: ${replication}`,
        row: figure('replicas'),
      }),
      ...found(within(at, replicaLostAt, LIMITS.notable) ? 'warn' : 'ok', {
        subject: 'replica',
        text: 'Redis lost a replica',
        row: figure('replicas'),
        since: replicaLostAt,
      }),
    ]),
  },
];
