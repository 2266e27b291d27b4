import type {Redis} from 'ioredis';
import {MOST_SHARDS, SHARDS_KEY, shardsIn} from '../bus/streams.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {RedisClient} from '../io/redis.ts';

/**
 * Gives a function that reads how many shards the bus has, and raises the number to `wanted`. Publishers and workers all
 * read it from Redis, so that they cannot differ for long. It is never lowered, and what was read once stays: where Redis
 * has lost it, the shards of before may still hold events. Rejects with Redis' error, or a UserError for what is no number.
 */
export function createShardNumber(client: RedisClient, wanted: number = 1): () => Promise<number> {
  const redis = client as Redis;
  let most = 1;
  const read = (): Promise<string | null> =>
    redis.get(SHARDS_KEY).catch((error: unknown) => {
      // A user without the right to read it has only the undivided stream.
      if (failureOf(error).why === 'denied' && wanted === 1) return null;
      throw error;
    });
  return async () => {
    const text = await read();
    const shards = shardsIn(text);
    if (shards === undefined) throw notANumber(text);
    // Two workers that raise it at once: each looks again, so that the larger number stays.
    if (shards < wanted) await redis.set(SHARDS_KEY, String(wanted));
    most = Math.max(most, shards, wanted);
    return most;
  };
}

const notANumber = (text: string | null): UserError =>
  new UserError(
    `${SHARDS_KEY} is ${sanitise(text ?? '', 40)}, and not a number from 1 to ${MOST_SHARDS}.`,
    `SET ${SHARDS_KEY} 1, or as many shards as there are.`,
  );
