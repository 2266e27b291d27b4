import type {PoolCounts} from '../io/io.ts';
import {openRedis} from '../io/redis.ts';
import type {RedisTarget} from '../io/targets.ts';
import {type Changed, createInvalidator} from '../service/cache-keys.ts';
import {poolMetrics, publishMetrics} from '../service/publish-metrics.ts';

type SyncMetrics = {
  /** Makes cached values out of date that a commit has changed. */
  readonly changed: (changed: Changed) => void;
  readonly close: (limitMs: number) => Promise<void>;
};

/** What the synchroniser tells others by Redis, beside its work: the state of its pools, and which cached values are out of date. */
export function openSyncMetrics(
  target: RedisTarget,
  pools: () => Readonly<Record<string, PoolCounts>> | undefined,
): SyncMetrics {
  const redis = openRedis(target, {name: 'tradetop sync metrics', offline: 'fail'});
  const {close} = publishMetrics(redis, {
    service: 'sync',
    pools: () => Object.entries(pools() ?? {}).map(([name, counts]) => poolMetrics(name, counts)),
  });
  return {
    changed: createInvalidator(redis),
    close: async limitMs => {
      await close(limitMs);
      redis.disconnect();
    },
  };
}
