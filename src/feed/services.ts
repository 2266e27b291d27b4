import {failureOf} from '../core/errors.ts';
import {secret} from '../core/secret.ts';
import type {Raw} from '../io/io.ts';
import {openPg, type Pg} from '../io/pg.ts';
import type {PgTarget} from '../io/pg-target.ts';
import type {SqlLibrary} from '../io/sql.ts';

/** The services of the desk, as the review names them: each with its own connections, and its own role where it can. */
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

/** How one service's statements went since they were last asked for. */
export type ServicePerformance = {
  readonly operation: string;
  readonly queries: number;
  readonly ms: number;
  readonly slow: number;
};

export type DeskService = {
  readonly name: ServiceName;
  readonly pg: Pg;
  /** Runs a statement under sql/feed, and counts it. */
  readonly run: (statement: string, params?: readonly unknown[], timeoutMs?: number) => Promise<readonly Raw[]>;
  /** Counts something that was run otherwise. */
  readonly count: (operation: string, ms: number) => void;
  /** And begins anew. */
  readonly performance: () => readonly ServicePerformance[];
};

type Env = Readonly<Record<string, string | undefined>>;
export type Services = {readonly [Name in ServiceName]: DeskService} & {readonly close: () => Promise<void>};

// Execution: the desk's lock, its trades, the odd statement. Analytics: the slow report beside the quick look.
const CONNECTIONS: Partial<Record<ServiceName, number>> = {execution: 3, analytics: 2};
const SLOW_MS = 1000;
const STATEMENT_MS = 15_000;

/**
 * Opens the services' pools. A service logs in as its role svc_NAME where the environment has SVC_NAME_PASSWORD, else
 * as the configured user; its application_name is its name either way.
 */
export function openServices(target: PgTarget, sql: SqlLibrary, env: Env, slowMs: number = SLOW_MS): Services {
  const open = (name: ServiceName): DeskService => {
    const password = env[`SVC_${name.toUpperCase()}_PASSWORD`];
    const own: PgTarget = password ? {...target, user: `svc_${name}`, password: secret(password)} : target;
    const pg = openPg(own, sql, {name, max: CONNECTIONS[name] ?? 1, statementMs: STATEMENT_MS, lockMs: 5000});
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

/** Whether time alone can mend it: the server is away, full, starting, or gave up for another's sake. */
export const willPass = (error: unknown): boolean => {
  const {why, retry} = failureOf(error);
  return retry && why !== 'bug';
};
