import {LEASE_MS, type ShardLeases} from './shard-lease.ts';
import {planShards} from './shard-plan.ts';
import type {StreamShard} from './stream-shard.ts';

/** This worker's share of the shards: those whose lease it has. */
export type ShardShare = {
  /**
   * Keeps the leases, gives up what is more than the share, and takes what is free. Rejects with Redis' error where a
   * shard's node did not answer, after it has done the same for all others.
   */
  readonly settle: (shards: ReadonlyMap<string, StreamShard>) => Promise<void>;
  /** Gives up every lease: others read these shards from now on. */
  readonly releaseAll: () => Promise<void>;
};

type ShareOptions = {
  readonly leases: ShardLeases;
  readonly worker: string;
  /** How many workers share the streams now, this one included. */
  readonly workers: () => number;
  /** Whether this worker commits what it reads. */
  readonly commits: () => boolean;
};

export function createShardShare({leases, worker, workers, commits}: ShareOptions): ShardShare {
  // The leases, and when each was last known to be ours, in milliseconds of `performance.now()`.
  const held = new Map<string, number>();
  const renew = async (stream: string): Promise<void> => {
    const at = performance.now();
    const ours = await leases.renew(stream).catch(async (error: unknown) => {
      if (at - (held.get(stream) ?? 0) > LEASE_MS) held.delete(stream);
      throw error;
    });
    if (ours) held.set(stream, at);
    else held.delete(stream);
  };
  const release = async (stream: string, shard?: StreamShard): Promise<void> => {
    await shard?.stop();
    held.delete(stream);
    await leases.release(stream);
  };
  const take = async (stream: string): Promise<void> => {
    const at = performance.now();
    if (await leases.take(stream)) held.set(stream, at);
  };
  /** As many at a time as there is room for: a node that does not answer costs its time once. */
  const takeSome = async (tryFor: readonly string[], most: number): Promise<void> => {
    let failed: PromiseRejectedResult | undefined;
    for (let at = 0; held.size < most && at < tryFor.length; ) {
      const now = tryFor.slice(at, at + most - held.size);
      at += now.length;
      failed = (await failureOfAll(now.map(take))) ?? failed;
    }
    if (failed) throw failed.reason;
  };
  return {
    releaseAll: () => all([...held.keys()].map(stream => release(stream))),
    settle: async shards => {
      const streams = [...held.keys()];
      // Where the database takes no batch of this worker, another worker may do better.
      const kept = commits() ? streams.map(renew) : streams.map(stream => release(stream));
      const failures = [await failureOfAll(kept)];
      for (const [stream, shard] of shards) if (shard.reading() && !held.has(stream)) void shard.stop();
      if (commits()) {
        const plan = planShards([...shards.keys()], [...held.keys()], worker, workers());
        failures.push(await failureOfAll(plan.release.map(stream => release(stream, shards.get(stream)))));
        failures.push(await failureOfAll([takeSome(plan.tryFor, plan.share)]));
        for (const stream of held.keys()) shards.get(stream)?.start(true);
      }
      const first = failures.find(failure => failure !== undefined);
      if (first) throw first.reason;
    },
  };
}

/** The first failure, when all have ended. */
const failureOfAll = async (tasks: readonly Promise<void>[]): Promise<PromiseRejectedResult | undefined> =>
  (await Promise.allSettled(tasks)).find(outcome => outcome.status === 'rejected');

const all = async (tasks: readonly Promise<void>[]): Promise<void> => void (await Promise.all(tasks));
