import {type DataOf, defineKind} from '../kind.ts';

/** What a service's cache did since its last message. */
export const cachesKind = defineKind({
  kind: 'caches',
  channel: 'data_sync:caches',
  type: 'cache_metrics',
  service: 'tradetop',
  data: field => ({
    cache: field.key(100),
    /** The process, by host and process id. */
    instance: field.key(200),
    hits: field.decimal('not negative'),
    misses: field.decimal('not negative'),
    /** Reads and writes that Redis did not serve in time; each was a miss, too. */
    errors: field.decimal('not negative'),
  }),
  correlation: () => undefined,
  orderedBy: 'cache',
});

/** A cache's counts as the bus carries them. */
export type CacheEvent = DataOf<typeof cachesKind>;
