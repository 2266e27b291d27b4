import type {BusMessage} from '../bus/publish.ts';
import {plural} from '../core/format.ts';
import {openRedis} from '../io/redis.ts';
import {firstAnswer, redisProblem, redisWords} from '../io/redis-answer.ts';
import type {RedisTarget} from '../io/targets.ts';

const LIMIT_MS = 3000;

/** Whether a message was published, and to how many subscribers, or why not, in a phrase. */
export type Telling = {readonly ok: boolean; readonly words: string};

/** Publishes a message on a connection of its own. Never rejects: what it is about has been committed. */
export async function tellServices(redis: RedisTarget, {channel, text}: BusMessage): Promise<Telling> {
  const client = openRedis(redis, {name: 'tradetop action', offline: 'fail'});
  try {
    await firstAnswer(client, {limitMs: LIMIT_MS});
    const heard = await Promise.race([client.publish(channel, text), late()]);
    return {ok: true, words: `told to ${plural(heard, 'subscriber')} of ${channel}`};
  } catch (error) {
    return {
      ok: false,
      words: `services not told: ${redisProblem(redis, error)}: ${redisWords(error, redis.password())}`,
    };
  } finally {
    client.disconnect();
  }
}

const late = (): Promise<never> =>
  new Promise((_, reject) => {
    const error = Object.assign(new Error(`no answer within ${LIMIT_MS / 1000} s`), {code: 'ETIMEDOUT'});
    setTimeout(() => reject(error), LIMIT_MS).unref();
  });
