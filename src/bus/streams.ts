import {crc32} from 'node:zlib';
import {failureOf} from '../core/errors.ts';
import {deskKinds} from './decode.ts';
import type {Publisher} from './publish.ts';

/** The stream that carries every channel's events, where it is not divided into shards. */
export const STREAM = 'data_sync:stream';

/** Holds the number of shards, as text; it is 1 where the key is missing. The number only grows. */
export const SHARDS_KEY = 'data_sync:shards';

export const MOST_SHARDS = 256;

/** The number of shards in an answer to GET data_sync:shards; undefined: it is no number from 1 to 256. */
export function shardsIn(text: string | null): number | undefined {
  const shards = Number(text ?? 1);
  return Number.isInteger(shards) && shards >= 1 && shards <= MOST_SHARDS ? shards : undefined;
}

/**
 * Every stream that may hold events. With shards they are `data_sync:stream:{0}`, `…:{1}` and so on, which lie in
 * different slots of a Cluster, and the undivided one, which publishers fill that do not know of the shards yet.
 */
export const streamKeys = (shards: number): readonly string[] =>
  shards === 1 ? [STREAM] : [STREAM, ...Array.from({length: shards}, (_, shard) => shardKey(shard))];

const shardKey = (shard: number): string => `${STREAM}:{${shard}}`;

/**
 * The stream of a message: of trades and positions by account, of market data by symbol, so that the events of each keep
 * their order, of all others by channel. The shard is CRC-32 of that text in UTF-8, modulo the number of shards. @internal
 */
export const streamOf = (channel: string, message: string, shards: number): string =>
  shards === 1 ? STREAM : shardKey(crc32(orderedBy(channel, message)) % shards);

function orderedBy(channel: string, message: string): string {
  const kind = deskKinds.find(known => known.channel === channel);
  if (!kind) return channel;
  try {
    const {data} = JSON.parse(message) as {readonly data?: Readonly<Record<string, unknown>>};
    const value = data?.[kind.orderedBy];
    return value === undefined || value === null ? channel : String(value);
  } catch {
    // Whoever reads it will reject it; until then it may lie anywhere.
    return channel;
  }
}

/** The part of an ioredis client that is needed: standalone, Sentinel or Cluster. */
type Redis = {
  readonly multi: () => {
    readonly publish: (channel: string, message: string) => {readonly xadd: Xadd};
  };
  readonly get: (key: string) => Promise<string | null>;
};
type Xadd = (
  key: string,
  id: '*',
  ...fields: string[]
) => {readonly exec: () => Promise<[error: Error | null, result: unknown][] | null>};

/** How long the number of shards is believed, in milliseconds: the streams of before are read all the same. */
const SHARDS_MS = 2000;

/**
 * A publisher that also appends every message to the stream, from which a group of workers takes each once:
 * `publishTrade(durable(redis), …)`. PUBLISH and XADD run in one MULTI, so that both happen or neither. Where the stream
 * is divided into shards (data_sync:shards), all events of an account go to the same one, and all bars of a symbol. Other
 * programs can send the same two commands: PUBLISH channel message; XADD data_sync:stream * channel … event ….
 */
export function durable(redis: Redis): Publisher {
  const shards = createShardNumber(redis);
  return {
    publish: async (channel, message) => {
      const stream = streamOf(channel, message, await shards());
      const transaction = redis
        .multi()
        .publish(channel, message)
        .xadd(stream, '*', 'channel', channel, 'event', message);
      const results = (await transaction.exec()) ?? [];
      const failed = results.find(([error]) => error)?.[0];
      if (failed || results.length === 0) throw failed ?? new Error('the transaction was not executed');
      return Number(results[0]?.[1] ?? 0);
    },
  };
}

/** Reads the number of shards when it is asked for, at most once every two seconds, and waits only for the first answer. */
function createShardNumber(redis: Pick<Redis, 'get'>): () => Promise<number> {
  let known: number | undefined;
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<number> | undefined;
  const read = async (): Promise<number> => {
    try {
      // The undivided stream is read in any case: also from a user without the right to read the number.
      known = shardsIn(await redis.get(SHARDS_KEY)) ?? 1;
    } catch (error) {
      if (failureOf(error).why !== 'denied') throw error;
      known = 1;
    }
    return known;
  };
  return async () => {
    if (performance.now() - asked >= SHARDS_MS) {
      asked = performance.now();
      answer = read();
      answer.catch(() => {
        asked = Number.NEGATIVE_INFINITY;
      });
    }
    return known ?? (answer as Promise<number>);
  };
}
