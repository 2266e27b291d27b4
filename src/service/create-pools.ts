import pg from 'pg';
import {loadConfig} from '../config/config.ts';
import {roleTarget} from '../config/role-target.ts';
import type {Env} from '../core/env.ts';
import {clientConfig} from '../io/pg-client.ts';
import {makeSettings, setPooled} from '../io/pg-session.ts';
import {openRedis, type RedisClient} from '../io/redis.ts';
import {readStatement} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import {takeCacheCounts} from './cache.ts';
import {type PoolHealth, watchPool} from './pool-health.ts';
import {type PoolMetrics, poolMetrics, publishMetrics} from './publish-metrics.ts';

/** Sizes and limits of a pool; times in milliseconds. */
export type PoolSettings = {
  /** Most connections. Default: 5. */
  readonly max?: number;
  /** Longest wait for a connection, that for a free one included. Default: 5,000. */
  readonly connectMs?: number;
  /** A connection that nobody uses is closed after so long; 0: never. Default: 30,000. */
  readonly idleMs?: number;
  /** The server ends a statement after so long; 0: never. Default: 15,000. */
  readonly statementMs?: number;
  /** A statement waits so long for a lock. Default: 5,000. */
  readonly lockMs?: number;
  /** The server ends a session that is idle in a transaction for so long. Default: 60,000. */
  readonly idleInTransactionMs?: number;
};

export type PoolsConfig<Service extends string> = {
  /** A pool for each service, by its name: `{execution: {max: 5}, risk_management: {}}`. */
  readonly services: Readonly<Record<Service, PoolSettings>>;
  /** The pool of Prefect's own database. Default: none. */
  readonly prefect?: PoolSettings;
  /**
   * Where the servers are, by the variables of README: POSTGRES_HOST, TRADING_DB_NAME, SVC_EXECUTION_PASSWORD, PREFECT_DB_NAME,
   * REDIS_URL and so on. Default: `process.env`.
   */
  readonly env?: Env;
  /** Called with the first state of each pool, and whenever a state changes. */
  readonly onHealth?: (health: PoolHealth) => void;
  /** Between two checks of a pool, and two messages on `data_sync:pools`, in milliseconds. Default: 5,000. */
  readonly everyMs?: number;
};

/** The connections of a service's process. */
export type ServiceConnections<Service extends string> = {
  /** A pool for each service. Sessions log in as svc_NAME where its password is known; application_name is the name. */
  readonly services: Readonly<Record<Service, pg.Pool>>;
  readonly prefect: pg.Pool | undefined;
  /** Shared by cache and bus. A command fails at once while Redis is away; to subscribe takes a connection of its own. */
  readonly redis: RedisClient;
  /** The present state of each pool. */
  readonly health: () => readonly PoolHealth[];
  readonly metrics: () => readonly PoolMetrics[];
  /** Closes everything: what runs ends first, for at most `limitMs` (default 5,000). */
  readonly close: (limitMs?: number) => Promise<void>;
};

const EVERY_MS = 5000;
const PREFECT = 'prefect';

/**
 * Opens the pools of a process: one a service by its role, Prefect's own, and the shared Redis client. Nothing is awaited: a
 * server that is away is tried again at each use, and `onHealth` says so. A connection that breaks while it is idle does not end the
 * process. Each pool is published on `data_sync:pools`, where the console shows it. Behind a pooler such as PgBouncer nothing is set beyond
 * a transaction: there the limits hold in `withTransaction` alone, and `pooled` of the health says so. Throws a UserError where the environment is wrong.
 */
export function createPools<Service extends string>(config: PoolsConfig<Service>): ServiceConnections<Service> {
  const {env = process.env, everyMs = EVERY_MS, onHealth = () => {}} = config;
  const {trading, prefect: prefectTarget, redis: redisTarget} = loadConfig({}, env);
  const names = Object.keys(config.services) as Service[];
  const opened = names.map(name => openPool(roleTarget(trading, `svc_${name}`, env), name, config.services[name]));
  const services = Object.fromEntries(opened.map(({name, pool}) => [name, pool])) as Record<Service, pg.Pool>;
  const prefect = config.prefect && openPool(prefectTarget, PREFECT, config.prefect);
  const redis = openRedis(redisTarget, {name: names[0] ?? 'service', offline: 'fail'});
  const pools = [...opened, ...(prefect ? [prefect] : [])];
  const watched = pools.map(one => watchPool(one, everyMs, onHealth));
  const published = pools.map(({name, pool}, i) =>
    publishMetrics(redis, {
      service: name,
      pools: () => [metricsOf(name, pool)],
      ...(i === 0 ? {caches: () => takeCacheCounts(redis)} : {}),
      everyMs,
    }),
  );
  return {
    services,
    prefect: prefect?.pool,
    redis,
    health: () => watched.map(({now}) => now()),
    metrics: () => pools.map(({name, pool}) => metricsOf(name, pool)),
    close: async (limitMs = 5000) => {
      for (const {close} of watched) close();
      await Promise.all(published.map(({close}) => close()));
      const late = new Promise<void>(done => setTimeout(done, limitMs).unref());
      await Promise.race([Promise.allSettled(pools.map(({pool}) => pool.end())), late]);
      redis.disconnect();
    },
  };
}

const metricsOf = (name: string, {totalCount, idleCount, waitingCount, options}: pg.Pool): PoolMetrics =>
  poolMetrics(name, {inUse: totalCount - idleCount, idle: idleCount, waiting: waitingCount, max: options.max});

type OpenedPool = {
  readonly name: string;
  readonly pool: pg.Pool;
  /** A pooler is in between. */
  readonly pooled: () => boolean;
};

function openPool(target: PgTarget, name: string, settings: PoolSettings): OpenedPool {
  const {max = 5, connectMs = 5000, idleMs = 30_000, statementMs = 15_000} = settings;
  const {lockMs = 5000, idleInTransactionMs = 60_000} = settings;
  const limits = {
    statement_timeout: `${statementMs}ms`,
    lock_timeout: `${lockMs}ms`,
    idle_in_transaction_session_timeout: `${idleInTransactionMs}ms`,
  };
  let pooled = false;
  // No start-up parameters: a pooler refuses those that it does not know.
  const onConnect = async (client: pg.ClientBase): Promise<void> => {
    const make = () => makeSettings(client, readStatement('pg/session'), limits, connectMs);
    ({pooled} = await make());
    if (pooled) setPooled(client, async () => void (await make()));
  };
  const pool = new pg.Pool({
    ...clientConfig(target, name),
    max,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    onConnect,
  } as pg.PoolConfig);
  // Without both listeners a backend that is killed ends this process.
  pool.on('error', () => {});
  pool.on('connect', client => client.on('error', () => {}));
  return {name, pool, pooled: () => pooled};
}
