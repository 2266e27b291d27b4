import {STREAM} from '../bus/streams.ts';
import {openRedis} from '../io/redis.ts';
import {lastErrorOf, redisWords} from '../io/redis-answer.ts';
import type {BusConsumer, ConsumerOptions} from './consumer.ts';
import {createInFlight} from './in-flight.ts';
import {openStream} from './stream.ts';
import {createStreamCommit} from './stream-commit.ts';
import {createStreamLink} from './stream-link.ts';
import {maintainStream} from './stream-maintenance.ts';
import {createStreamPosition} from './stream-position.ts';
import {readStream} from './stream-reader.ts';

/** The consumer group that all workers share. */
const GROUP = 'tradetop';

/**
 * Consumes the bus from a stream: Redis keeps what was published until the consumer group has acknowledged it, which a
 * worker does after its commit. Workers share the entries; what a dead worker left pending the others claim. What every
 * group has acknowledged is trimmed. A stream that has lost entries which were not read, or may have (a Redis that
 * restarted, a replica that was promoted, another program's MAXLEN), is a gap.
 */
export function openStreamConsumer(options: ConsumerOptions): BusConsumer {
  const {redis, worker, counters, onLink} = options;
  // XREADGROUP blocks its connection, so acknowledgements and maintenance have one of their own.
  const readClient = openRedis(redis, {name: `tradetop sync ${worker}`, offline: 'fail'});
  const ackClient = openRedis(redis, {name: `tradetop sync ${worker} acks`, offline: 'fail'});
  const stream = openStream(readClient, STREAM, GROUP, worker);
  const acks = openStream(ackClient, STREAM, GROUP, worker);
  const stopping = new AbortController();
  const limit = new AbortController();
  const link = createStreamLink(onLink, error => redisWords(error, redis.password()));
  const position = createStreamPosition(options);
  const inFlight = createInFlight(options);
  const commit = createStreamCommit({stream: acks, inFlight, position, counters, link, limit: limit.signal});
  const shared = {position, link, commit, signal: stopping.signal};
  const running = Promise.all([
    readStream({...shared, stream, connectionError: lastErrorOf(readClient)}),
    maintainStream({...shared, stream: acks, counters}),
  ]);
  return {
    link: link.now,
    provenAt: position.provenAt,
    oldest: inFlight.oldest,
    queue: inFlight.counts,
    takeOverflow: () => undefined,
    stop: async signal => {
      stopping.abort();
      signal.addEventListener('abort', () => limit.abort());
      if (signal.aborted) limit.abort();
      await running;
      readClient.disconnect();
      ackClient.disconnect();
      return inFlight.size() === 0;
    },
  };
}
