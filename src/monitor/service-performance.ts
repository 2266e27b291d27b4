import type {z} from 'zod';
import {maybeNumber, number, rowSchema, text} from './columns.ts';
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
});

/** What a service measured of its own queries in the last ten minutes. */
export type ServicePerformanceRow = z.output<typeof row>;

/** The services' own measurements of their queries, from logging.performance_logs. */
export const servicePerformancePoller: Poller<{service_performance: ServicePerformanceRow}> = statementPoller({
  everyMs: 10_000,
  samples: {
    service_performance: {sql: SQL, row},
  },
});
