import type {Redis} from 'ioredis';
import type {RedisClient} from '../io/redis.ts';

/** A lease that is not renewed ends after this time: a dead worker's shard is free then. */
export const LEASE_MS = 10_000;

/** The leases by which each shard of a stream is read by one worker at a time, so that its events keep their order. */
export type ShardLeases = {
  /** True: the lease is ours, also where an earlier run of this worker left it. */
  readonly take: (stream: string) => Promise<boolean>;
  /** False: it is not ours any more. */
  readonly renew: (stream: string) => Promise<boolean>;
  readonly release: (stream: string) => Promise<void>;
};

/**
 * Leases in the name of a worker. They keep order, and are not what makes a trade count once: where two workers hold one
 * for a moment, after one was suspended, the consumer group gives each entry to one of them.
 */
export function openShardLeases(client: RedisClient, worker: string): ShardLeases {
  const redis = client as Redis;
  const owner = (stream: string): string => `${stream}:owner`;
  // Where the lease has become another worker's, that one only ends a little later.
  const renew = async (stream: string): Promise<boolean> =>
    (await redis.getex(owner(stream), 'PX', LEASE_MS)) === worker;
  return {
    take: async stream =>
      (await redis.set(owner(stream), worker, 'PX', LEASE_MS, 'NX')) === 'OK' ||
      ((await redis.get(owner(stream))) === worker && renew(stream)),
    renew,
    release: async stream => {
      if (await renew(stream)) await redis.del(owner(stream));
    },
  };
}
