import {setTimeout as delay} from 'node:timers/promises';
import {streamKeys} from '../bus/streams.ts';
import {UserError} from '../core/errors.ts';
import type {Micros} from '../core/time.ts';
import {openRedis} from '../io/redis.ts';
import {lastErrorOf, redisWords} from '../io/redis-answer.ts';
import type {BusConsumer, ConsumerOptions} from './consumer.ts';
import {earliestTime} from './earliest.ts';
import {createInFlight} from './in-flight.ts';
import {openShardLeases} from './shard-lease.ts';
import {createShardNumber} from './shard-number.ts';
import {createShardShare, type ShardShare} from './shard-share.ts';
import type {StreamState} from './stream.ts';
import {createStreamLink, type StreamLink} from './stream-link.ts';
import {createStreamPosition} from './stream-position.ts';
import {openStreamShard, type StreamShard} from './stream-shard.ts';

const EVERY_MS = 2000;
/** Between an error and the next attempt. */
const RETRY_MS = 200;

export type StreamConsumerOptions = ConsumerOptions & {
  /** How many shards the bus is to have at least. Default: as many as it has. */
  readonly shards?: number;
  /** How many workers share the streams now. Default: this one alone. */
  readonly workers?: () => number;
};

/**
 * Consumes the bus from a stream: Redis keeps what was published until the consumer group has acknowledged it, which a
 * worker does after its commit. What every group has acknowledged is trimmed. A stream that has lost entries which were
 * not read, or may have (a Redis that restarted, a replica that was promoted, another program's MAXLEN), is a gap.
 *
 * All workers read the undivided stream at the same time, and share its entries; what a dead worker left pending the
 * others claim. Of a stream with shards each worker has its share, by leases: one worker reads a shard, in its order, and
 * when it dies the next one begins with what it left pending.
 */
export function openStreamConsumer(options: StreamConsumerOptions): BusConsumer {
  const {redis, worker, counters, onLink, shards: wanted, workers = () => 1} = options;
  // Reading blocks its connection, so everything else has one of its own.
  const acks = openRedis(redis, {name: `tradetop sync ${worker} acks`, offline: 'fail'});
  const stopping = new AbortController();
  const limit = new AbortController();
  const link = createStreamLink(onLink, error => redisWords(error, redis.password()));
  const inFlight = createInFlight(options);
  const streams = createStreams(options, key => {
    const position = createStreamPosition({...options, onGap: streams.onGap});
    const shared = {redis, worker, counters, inFlight, position, limit: limit.signal};
    return openStreamShard(key, acks, {...shared, link: streams.linkOf(key, link)});
  });
  const leases = openShardLeases(acks, worker);
  const share = createShardShare({leases, worker, workers, commits: () => !inFlight.isStuck()});
  const notes = createNotes(link);
  const number = createShardNumber(acks, wanted);
  const {settle, failed} = createSettling({number, streams, share, link, notes, connectionError: lastErrorOf(acks)});
  const look = async (): Promise<void> => {
    const states = await Promise.all([...streams.all.values()].map(shard => shard.look()));
    const read = [...streams.all.values()].filter(shard => shard.reading()).length;
    if (states.length > 0) counters.stream({...sumOf(states), shards: states.length, read});
    notes('streams', undefined);
  };
  const {signal} = stopping;
  const running = Promise.all([repeat(settle, signal, failed), repeat(look, signal, error => notes('streams', error))]);
  return {
    link: link.now,
    provenAt: streams.provenAt,
    oldest: inFlight.oldest,
    queue: inFlight.counts,
    takeOverflow: () => undefined,
    stop: async signal => {
      stopping.abort();
      signal.addEventListener('abort', () => limit.abort());
      if (signal.aborted) limit.abort();
      await Promise.all([running, ...[...streams.all.values()].map(shard => shard.stop())]);
      await share.releaseAll().catch(() => {});
      acks.disconnect();
      return inFlight.size() === 0;
    },
  };
}

type SettlingOptions = {
  readonly number: () => Promise<number>;
  readonly streams: ReturnType<typeof createStreams>;
  readonly share: ShardShare;
  readonly link: StreamLink;
  readonly notes: Notes;
  readonly connectionError: () => unknown;
};

/** Settles again and again which streams there are, and which of them are read here. */
function createSettling({number, streams, share, link, notes, connectionError}: SettlingOptions) {
  let shards: number | undefined;
  return {
    settle: async (): Promise<void> => {
      // What is read already is read on, whatever has become of the number.
      let wrong: unknown;
      shards = await number().catch((error: unknown) => {
        wrong = error;
        return shards;
      });
      if (shards === undefined) throw wrong;
      for (const key of streamKeys(shards)) streams.open(key);
      if (shards > 1) await share.settle(streams.all);
      else for (const shard of streams.all.values()) shard.start(false);
      streams.settled(link);
      notes('shards', wrong);
    },
    failed: (error: unknown): void => {
      if (shards === undefined) link.down(error, error instanceof UserError ? error : connectionError());
      else notes('shards', error);
    },
  };
}

type Notes = (about: string, error: unknown) => void;

/** Shows one of the errors that lasts beside the reading, which works all the same. */
function createNotes(link: StreamLink): Notes {
  const notes = new Map<string, unknown>();
  return (about, error) => {
    if (error === undefined) notes.delete(about);
    else notes.set(about, error);
    link.note([...notes.values()][0]);
  };
}

/** Repeats a task until it is stopped: every 2 s, or soon after a failure, which `failed` receives. Never rejects. */
async function repeat(task: () => Promise<void>, signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
  while (!signal.aborted) {
    const wait = await task().then(
      () => EVERY_MS,
      error => {
        failed(error);
        return RETRY_MS;
      },
    );
    await delay(wait, undefined, {signal}).catch(() => {});
  }
}

/** The streams that are known so far, and what is true of all of them together. */
function createStreams({onGap}: Pick<ConsumerOptions, 'onGap'>, openShard: (key: string) => StreamShard) {
  const all = new Map<string, StreamShard>();
  const down = new Set<string>();
  let started = false;
  const provenAt = (): Micros | undefined => {
    const proven = [...all.values()].map(({position}) => position.provenAt());
    return proven.length === 0 || proven.includes(undefined) ? undefined : earliestTime(proven);
  };
  return {
    all: all as ReadonlyMap<string, StreamShard>,
    open: (key: string): void => {
      if (!all.has(key)) all.set(key, openShard(key));
    },
    provenAt,
    /** The gap of the start is one, however many streams there are. */
    onGap: ((gap): void => {
      const starts = gap.reason === 'first_start' || gap.reason === 'restart';
      if (!starts || !started) onGap(gap);
      started ||= starts;
    }) as ConsumerOptions['onGap'],
    /** A stream's part of the link, which is up while every stream that is read here can be read. */
    linkOf: (key: string, link: StreamLink): StreamLink => ({
      ...link,
      up: () => {
        down.delete(key);
        if (down.size === 0) link.up();
      },
      down: (error, connectionError) => {
        down.add(key);
        link.down(error, connectionError);
      },
    }),
    /** A worker that reads none has a link all the same: it has just asked for one. */
    settled: (link: StreamLink): void => {
      for (const key of down) if (!all.get(key)?.reading()) down.delete(key);
      if (down.size === 0 && ![...all.values()].some(shard => shard.reading())) link.up();
    },
  };
}

const sumOf = (states: readonly (StreamState | undefined)[]): Pick<StreamState, 'lag' | 'pending' | 'length'> => {
  const sum = (count: (state: StreamState) => number): number =>
    states.reduce((total, state) => total + (state ? count(state) : 0), 0);
  return {lag: sum(s => s.lag), pending: sum(s => s.pending), length: sum(s => s.length)};
};
