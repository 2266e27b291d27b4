import {failureOf} from '../core/errors.ts';
import type {RedisClient} from '../io/redis.ts';
import {SourceError} from './source-error.ts';

/** What the pollers ask Redis. */
export type RedisIo = {
  readonly ping: () => Promise<unknown>;
  /** The text of INFO. */
  readonly info: () => Promise<string>;
  /** How many subscribers the channels have together, and the server's patterns, each once: our own bus holds one. */
  readonly subscribers: (channels: readonly string[]) => Promise<number>;
};

/**
 * Asks through a connection that fails while it is down (`offline: 'fail'`). What such a command says then is that it
 * was not sent; the reason is the connection's own last error, so that is told.
 */
export function redisIo(client: RedisClient): RedisIo {
  let last: unknown;
  client.on('error', error => {
    last = error;
  });
  client.on('ready', () => {
    last = undefined;
  });
  const told = async <T>(command: () => Promise<T>): Promise<T> => {
    try {
      await settled(client);
      return await command();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.why !== 'bug') throw error;
      if (last !== undefined) throw last;
      throw client.status === 'ready' ? error : new SourceError({...failure, ...OFFLINE});
    }
  };
  return {
    ping: () => told(() => client.ping()),
    info: () => told(() => client.info()),
    subscribers: channels =>
      told(async () => {
        const [named, patterns] = await Promise.all([client.pubsub('NUMSUB', ...channels), client.pubsub('NUMPAT')]);
        return subscribersIn(named) + Number(patterns);
      }),
  };
}

// A command that comes while the connection is being made is not lost yet: at the start that is every first one.
async function settled(client: RedisClient): Promise<void> {
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
