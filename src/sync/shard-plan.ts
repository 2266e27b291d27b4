import {crc32} from 'node:zlib';

type ShardPlan = {
  /** Shards to give up to other workers. */
  readonly release: readonly string[];
  /** Shards to try for, in this order, until there are `share` of them. */
  readonly tryFor: readonly string[];
  readonly share: number;
};

/**
 * What a worker does to have its share: the shards divided by the workers that live, rounded up. Each worker tries from
 * another place on, so that several do not all try for the same one.
 */
export function planShards(
  all: readonly string[],
  held: readonly string[],
  worker: string,
  workers: number,
): ShardPlan {
  const share = Math.ceil(all.length / Math.max(workers, 1));
  const from = crc32(worker) % all.length;
  const inTurn = [...all.slice(from), ...all.slice(0, from)];
  return {
    release: held.slice(share),
    tryFor: held.length >= share ? [] : inTurn.filter(stream => !held.includes(stream)),
    share,
  };
}
