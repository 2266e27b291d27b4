import type {z} from 'zod';
import type {Io} from '../io/io.ts';
import {decode, maybeNumber, maybeText, number, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/service_performance';

const row = rowSchema({
  service: text,
  /** In the last ten minutes, as the next two. */
  queries: number,
  /** Over the service's own threshold. */
  slow: number,
  /** Seconds a query; undefined where the service measured none. */
  mean_seconds: maybeNumber,
  /** The slowest that it told of, in milliseconds and without values; undefined: it told of none. */
  slowest_ms: maybeNumber,
  slowest: maybeText,
});

/** The span of the pane's figures, in seconds. */
export const MEASURED_S = 600;

/** What a service measured of its own queries in a span. */
export type ServicePerformanceRow = z.output<typeof row>;

/** The services' own measurements of their queries, from logging.performance_logs. */
export const servicePerformancePoller: Poller<{service_performance: ServicePerformanceRow}> = statementPoller({
  // The services tell what they measured once a minute.
  everyMs: 30_000,
  samples: {
    service_performance: {sql: SQL, params: [MEASURED_S], row},
  },
});

/** The services' own measurements of the last `seconds`. Rejects with the driver's error. */
export const readServicePerformance = async (io: Io, seconds: number): Promise<readonly ServicePerformanceRow[]> =>
  decode(row, await io.query(SQL, [seconds]), SQL);
