import {serviceTarget} from '../config/service-target.ts';
import type {Env} from '../core/env.ts';
import type {Raw} from '../io/io.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';

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
export type ServiceName = (typeof SERVICES)[number];

/** The duration of one service's statements since the last reading, by operation. */
type ServicePerformance = {
  readonly operation: string;
  readonly queries: number;
  /** In total. */
  readonly ms: number;
  readonly slow: number;
};

export type DeskService = {
  readonly name: ServiceName;
  readonly pg: Pg;
  /** Runs a statement under sql/feed and counts it. */
  readonly run: (statement: string, params?: readonly unknown[], timeoutMs?: number) => Promise<readonly Raw[]>;
  /** Counts an operation that was run in another way. */
  readonly count: (operation: string, ms: number) => void;
  /** The counters since the last call, which resets them. */
  readonly performance: () => readonly ServicePerformance[];
};

export type Services = {readonly [Name in ServiceName]: DeskService} & {readonly close: () => Promise<void>};

// Execution: the desk's lock, its trades, single statements. Analytics: the slow report beside the quick query.
const CONNECTIONS: Partial<Record<ServiceName, number>> = {execution: 3, analytics: 2};
const SLOW_MS = 1000;
const STATEMENT_MS = 15_000;

/**
 * Opens the services' pools. A service logs in as its role svc_NAME if the environment has SVC_NAME_PASSWORD, else as
 * the configured user; its application_name is its name in both cases.
 */
export function openServices(target: PgTarget, sql: SqlLibrary, env: Env, slowMs: number = SLOW_MS): Services {
  const open = (name: ServiceName): DeskService => {
    const pg = openPg(serviceTarget(target, name, env), sql, {
      name,
      max: CONNECTIONS[name] ?? 1,
      idleMs: 0,
      statementMs: STATEMENT_MS,
      lockMs: 5000,
      writes: true,
    });
    return {name, pg, ...counted(pg, slowMs)};
  };
  const opened = Object.fromEntries(SERVICES.map(name => [name, open(name)])) as Record<ServiceName, DeskService>;
  return {
    ...opened,
    close: async () => void (await Promise.all(SERVICES.map(name => opened[name].pg.close()))),
  };
}

function counted(pg: Pg, slowMs: number): Pick<DeskService, 'run' | 'count' | 'performance'> {
  const operations = new Map<string, ServicePerformance>();
  const count = (operation: string, ms: number): void => {
    const {queries, ms: sum, slow} = operations.get(operation) ?? {queries: 0, ms: 0, slow: 0};
    operations.set(operation, {operation, queries: queries + 1, ms: sum + ms, slow: slow + (ms > slowMs ? 1 : 0)});
  };
  return {
    count,
    run: async (statement, params = [], timeoutMs) => {
      const start = performance.now();
      try {
        return await pg.query(statement, params, timeoutMs === undefined ? {} : {timeoutMs});
      } finally {
        count(statement.slice(statement.indexOf('/') + 1), performance.now() - start);
      }
    },
    performance: () => {
      const rows = [...operations.values()];
      operations.clear();
      return rows;
    },
  };
}
