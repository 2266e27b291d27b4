import {failureOf} from '../core/errors.ts';
import {duration} from '../core/format.ts';
import type {RedisClient} from '../io/redis.ts';
import {lastErrorOf} from '../io/redis-answer.ts';
import {SourceError} from './source-error.ts';

/** An entry of the slow log: `HGETALL big, 12.3 ms`. */
export type SlowEntry = {readonly id: number; readonly text: string};

/** The questions of the pollers to Redis. */
export type RedisIo = {
  readonly ping: () => Promise<unknown>;
  /** The text of INFO. */
  readonly info: () => Promise<string>;
  /** Subscribers on these channels together, plus the server's patterns, each counted once: our own bus holds one. */
  readonly subscribers: (channels: readonly string[]) => Promise<number>;
  /** The last entry of the slow log; undefined: there is none, or this user may not read it. */
  readonly lastSlow: () => Promise<SlowEntry | undefined>;
};

/**
 * Queries through a connection that fails while it is down (`offline: 'fail'`). Such a command only says that it was
 * not sent; the reason is the connection's own last error, so the query rejects with that.
 */
export function redisIo(client: RedisClient): RedisIo {
  const lastError = lastErrorOf(client);
  let mayReadSlowLog = true;
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
    lastSlow: async () => {
      if (!mayReadSlowLog) return undefined;
      try {
        return slowEntryIn(await explained(() => client.slowlog('GET', 1)));
      } catch (error) {
        if (['down', 'timeout'].includes(failureOf(error).why)) throw error;
        // Denied, or renamed: each further try would be an entry in the server's ACL LOG.
        mayReadSlowLog = false;
        return undefined;
      }
    },
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

/** `EVALSHA … 12.3 ms`: an entry is its number, its time, its microseconds and the command's words. */
function slowEntryIn(reply: unknown): SlowEntry | undefined {
  const [entry] = Array.isArray(reply) ? reply : [];
  if (!Array.isArray(entry)) return undefined;
  const [id, , micros, words] = entry;
  const command = Array.isArray(words) ? words.slice(0, 2).map(String).join(' ') : 'a command';
  return {id: Number(id), text: `${command}, ${duration(Number(micros) / 1000)}`};
}

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
