import {roleTarget} from '../config/role-target.ts';
import type {Env} from '../core/env.ts';
import type {Raw} from '../io/io.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import {trackQueryPerformance} from '../service/query-performance.ts';

/** The services of the desk, each with connections of its own, and its own role where the password is known. */
export const SERVICES = [
  'execution',
  'data_ingestion',
  'strategy_engine',
  'risk_management',
  'analytics',
  'notification',
  'logging',
] as const;
type ServiceName = (typeof SERVICES)[number];

export type DeskService = {
  readonly name: ServiceName;
  readonly pg: Pg;
  /** Runs a statement under sql/feed. */
  readonly run: (statement: string, params?: readonly unknown[], timeoutMs?: number) => Promise<readonly Raw[]>;
};

export type Services = {readonly [Name in ServiceName]: DeskService} & {
  /** Connects every service, so that one is seen which has nothing to say yet. A failure is left to its first statement. */
  readonly connect: () => Promise<void>;
  readonly close: () => Promise<void>;
};

// Execution: the desk's lock, its trades, single statements. Analytics: the slow report beside the quick query.
const CONNECTIONS: Partial<Record<ServiceName, number>> = {execution: 3, analytics: 2};
const SLOW_MS = 1000;
const STATEMENT_MS = 15_000;
/** Longest that the end waits for the last measurements to be written, in milliseconds. */
const MEASURED_MS = 500;

/**
 * Opens the services' pools. A service logs in as its role svc_NAME if the environment has SVC_NAME_PASSWORD, else as
 * the configured user; its application_name is its name in both cases. What each measures of its queries is written by
 * the service logging.
 */
export function openServices(target: PgTarget, sql: SqlLibrary, env: Env, slowMs: number = SLOW_MS): Services {
  const open = (name: ServiceName): DeskService => {
    const pg = openPg(roleTarget(target, `svc_${name}`, env), sql, {
      name,
      max: CONNECTIONS[name] ?? 1,
      idleMs: 0,
      statementMs: STATEMENT_MS,
      lockMs: 5000,
      writes: true,
    });
    return {
      name,
      pg,
      run: (statement, params = [], timeoutMs) =>
        pg.query(statement, params, timeoutMs === undefined ? {} : {timeoutMs}),
    };
  };
  const opened = Object.fromEntries(SERVICES.map(name => [name, open(name)])) as Record<ServiceName, DeskService>;
  const writeTo = opened.logging.pg.pool;
  const measured = SERVICES.map(name => trackQueryPerformance(opened[name].pg.pool, {service: name, slowMs, writeTo}));
  return {
    ...opened,
    connect: async () => {
      const connecting = SERVICES.map(async name => (await opened[name].pg.pool.connect()).release());
      await Promise.allSettled(connecting);
    },
    close: async () => {
      await Promise.all(measured.map(one => one.close(MEASURED_MS)));
      await Promise.all(SERVICES.map(name => opened[name].pg.close()));
    },
  };
}
