import {openRedis} from './redis.ts';
import type {RedisTarget} from './targets.ts';

const LIMIT_MS = 4000;

/** Connects once, asks once and leaves. Rejects with the first thing that the server or the network has against it. */
export async function probeRedis(target: RedisTarget): Promise<void> {
  const client = openRedis(target, {name: 'tradetop probe', offline: 'wait'});
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<unknown>((resolve, reject) => {
      const late = Object.assign(new Error(`no answer within ${LIMIT_MS / 1000} s`), {code: 'ETIMEDOUT'});
      timer = setTimeout(() => reject(late), LIMIT_MS);
      client.once('error', reject);
      client.ping().then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}
