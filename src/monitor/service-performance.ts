import type {z} from 'zod';
import {decode, maybeNumber, number, rowSchema, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';

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
export const servicePerformancePoller: Poller<{service_performance: ServicePerformanceRow}> = {
  ids: ['service_performance'],
  everyMs: 10_000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({service_performance: decode(row, await trading.query(SQL), SQL)}),
};
