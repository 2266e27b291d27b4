import {failureOf} from '../core/errors.ts';
import type {RedisClient} from '../io/redis.ts';
import {lastErrorOf} from '../io/redis-answer.ts';
import {SourceError} from './source-error.ts';

/** The questions of the pollers to Redis. */
export type RedisIo = {
  readonly ping: () => Promise<unknown>;
  /** The text of INFO. */
  readonly info: () => Promise<string>;
  /** Subscribers on these channels together, plus the server's patterns, each counted once: our own bus holds one. */
  readonly subscribers: (channels: readonly string[]) => Promise<number>;
};

/**
 * Queries through a connection that fails while it is down (`offline: 'fail'`). Such a command only says that it was
 * not sent; the reason is the connection's own last error, so the query rejects with that.
 */
export function redisIo(client: RedisClient): RedisIo {
  const lastError = lastErrorOf(client);
  const explained = async <T>(command: () => Promise<T>): Promise<T> => {
    try {
      await connected(client);
      return await command();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.why !== 'bug') throw error;
      const last = lastError();
      if (last !== undefined) throw last;
      throw client.status === 'ready' ? error : new SourceError({...failure, ...OFFLINE});
    }
  };
  return {
    ping: () => explained(() => client.ping()),
    info: () => explained(() => client.info()),
    subscribers: channels =>
      explained(async () => {
        const [named, patterns] = await Promise.all([client.pubsub('NUMSUB', ...channels), client.pubsub('NUMPAT')]);
        return subscribersIn(named) + Number(patterns);
      }),
  };
}

// The first command after the start comes while the connection is being made: it waits for the result.
async function connected(client: RedisClient): Promise<void> {
  if (client.status !== 'connecting' && client.status !== 'connect') return;
  await new Promise<void>(resolve => {
    const done = (): void => {
      client.off('ready', done);
      client.off('close', done);
      resolve();
    };
    client.on('ready', done);
    client.on('close', done);
  });
}

const OFFLINE = {why: 'down', message: 'not connected', next: '', retry: true} as const;

// RESP2 gives name, count, name, count; RESP3 may give a map.
function subscribersIn(reply: unknown): number {
  const counts =
    reply instanceof Map
      ? [...reply.values()]
      : Array.isArray(reply)
        ? reply.filter((_, i) => i % 2 === 1)
        : Object.values((reply ?? {}) as object);
  return counts.reduce((sum: number, count) => sum + (Number(count) || 0), 0);
}
