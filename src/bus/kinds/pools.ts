import {type DataOf, defineKind} from '../kind.ts';

/** A service's pool of connections to PostgreSQL, as it is now; a service says it every few seconds. */
export const poolsKind = defineKind({
  kind: 'pools',
  channel: 'data_sync:pools',
  type: 'pool_metrics',
  service: 'tradetop',
  data: field => ({
    pool: field.key(100),
    /** The process, by host and process id. */
    instance: field.key(200),
    /** Connections that are open, and those in use; calls that wait for one; the most that there may be. */
    size: field.decimal('not negative'),
    inUse: field.decimal('not negative'),
    waiting: field.decimal('not negative'),
    max: field.decimal('not negative'),
  }),
  correlation: () => undefined,
  orderedBy: 'pool',
});

/** A pool as the bus carries it. */
export type PoolEvent = DataOf<typeof poolsKind>;
