import {openRedis, type RedisClient} from '../io/redis.ts';
import {lastErrorOf} from '../io/redis-answer.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {InFlight} from './in-flight.ts';
import {openStream, type StreamState} from './stream.ts';
import {createStreamCommit, type StreamCommitOptions} from './stream-commit.ts';
import type {StreamLink} from './stream-link.ts';
import {maintainStream, watchStream} from './stream-maintenance.ts';
import type {StreamPosition} from './stream-position.ts';
import {readStream} from './stream-reader.ts';

/** The consumer group that all workers share. */
const GROUP = 'tradetop';

type StreamShardOptions = Pick<StreamCommitOptions, 'counters' | 'limit'> & {
  readonly redis: RedisTarget;
  readonly worker: string;
  readonly inFlight: InFlight;
  readonly position: StreamPosition;
  readonly link: StreamLink;
};

/** One stream: the undivided one, or a shard. */
export type StreamShard = {
  readonly position: StreamPosition;
  readonly reading: () => boolean;
  /** Reads it on a connection of its own. `alone`: no other worker does. */
  readonly start: (alone: boolean) => void;
  /** Ends the reading. Resolves when what was read is committed, or the limit has aborted. */
  readonly stop: () => Promise<void>;
  /** Maintains it where it is read here, else watches it. */
  readonly look: () => Promise<StreamState | undefined>;
};

/** Opens a stream; `acks` is the connection for everything but reading, which blocks its own. */
export function openStreamShard(key: string, acks: RedisClient, options: StreamShardOptions): StreamShard {
  const {redis, worker, position, link} = options;
  const stream = openStream(acks, key, GROUP, worker);
  const commit = createStreamCommit({...options, stream});
  let reader: {readonly stopping: AbortController; readonly running: Promise<void>} | undefined;
  return {
    position,
    reading: () => reader !== undefined,
    start: alone => {
      if (reader) return;
      const stopping = new AbortController();
      const client = openRedis(redis, {name: `tradetop sync ${worker}`, offline: 'fail'});
      const own = openStream(client, key, GROUP, worker);
      const {signal} = stopping;
      const read = {stream: own, position, link, commit, alone, connectionError: lastErrorOf(client), signal};
      const running = readStream(read).finally(() => {
        client.disconnect();
        reader = undefined;
      });
      reader = {stopping, running};
    },
    stop: async () => {
      reader?.stopping.abort();
      await reader?.running;
    },
    look: () => (reader ? maintainStream({stream, position, commit}) : watchStream({stream, position})),
  };
}
