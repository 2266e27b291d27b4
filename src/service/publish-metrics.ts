import {hostname} from 'node:os';
import {metricKinds} from '../bus/metric-kinds.ts';
import {type Publisher, publishEvent} from '../bus/publish.ts';
import type {PoolCounts} from '../io/io.ts';

/** A pool of connections as it is now. */
export type PoolMetrics = {
  /** At most 100 characters. */
  readonly pool: string;
  /** Connections that are open, and those in use; calls that wait for one; the most that there may be. */
  readonly size: number;
  readonly inUse: number;
  readonly waiting: number;
  readonly max: number;
};

/** The metrics of a pool by its counts. */
export const poolMetrics = (pool: string, {inUse, idle, waiting, max}: PoolCounts): PoolMetrics => ({
  pool,
  size: inUse + idle,
  inUse,
  waiting,
  max,
});

/** What a cache did in a span of time. */
export type CacheCounts = {
  readonly cache: string;
  readonly hits: number;
  readonly misses: number;
  /** Reads and writes that Redis did not serve in time; each was a miss, too. */
  readonly errors: number;
};

export type MetricsOptions = {
  readonly service: string;
  readonly pools?: () => readonly PoolMetrics[];
  /** The counts since the last call. */
  readonly caches?: () => readonly CacheCounts[];
  /** Between two messages, in milliseconds. Default: 5,000; the console shows no pool that is silent for 20 s. */
  readonly everyMs?: number;
};

const EVERY_MS = 5000;
const LAST_MS = 1000;
const [POOLS, CACHES] = metricKinds;

/**
 * Publishes a service's pools and caches on `data_sync:pools` and `data_sync:caches` every few seconds, until it is closed. It
 * never throws: what cannot be published is left out. `close` publishes a last time, for at most `limitMs` (1,000).
 */
export function publishMetrics(
  redis: Publisher,
  options: MetricsOptions,
): {readonly close: (limitMs?: number) => Promise<void>} {
  const {service, everyMs = EVERY_MS} = options;
  const instance = `${hostname().slice(0, 100)}:${process.pid}`;
  const messages = () => [
    ...(options.pools?.() ?? []).map(({pool, size, inUse, waiting, max}) => ({
      channel: POOLS.channel,
      type: POOLS.type,
      data: {pool, instance, size, in_use: inUse, waiting, max},
    })),
    ...(options.caches?.() ?? []).map(counts => ({
      channel: CACHES.channel,
      type: CACHES.type,
      data: {...counts, instance},
    })),
  ];
  let sending: Promise<unknown> | undefined;
  const send = (): Promise<unknown> => {
    // A Redis that does not answer has one unanswered round of messages, not one for each interval.
    sending ??= Promise.allSettled(messages().map(message => publishEvent(redis, {...message, service}))).finally(
      () => {
        sending = undefined;
      },
    );
    return sending;
  };
  const attempt = (): Promise<unknown> => {
    try {
      return send();
    } catch {
      return Promise.resolve();
    }
  };
  const timer = setInterval(() => void attempt(), everyMs).unref();
  void attempt();
  return {
    close: async (limitMs = LAST_MS) => {
      clearInterval(timer);
      await Promise.race([attempt(), new Promise<void>(done => setTimeout(done, limitMs).unref())]);
    },
  };
}
