import {startBatchWriter} from './batch-writer.ts';
import type {BusConsumer, ConsumerOptions} from './consumer.ts';
import {earliestTime} from './earliest.ts';
import {openPubsubSource, type PubsubSource} from './pubsub-source.ts';
import {createQueue} from './queue.ts';
import {syncEventOf} from './sync-event.ts';

/** Consumes the bus by Pub/Sub: events wait in a bounded queue for their transaction. */
export function openPubsubConsumer(options: ConsumerOptions): BusConsumer {
  const {redis, db, counters, previousSafeAt, onGap, onLink, onCommitted, onFailed} = options;
  const queue = createQueue(options.limits);
  const writer = startBatchWriter({db, queue, onCommitted, onFailed});
  const source: PubsubSource = openPubsubSource({
    redis,
    name: `tradetop sync ${options.worker}`,
    previousSafeAt,
    onEvent: event => {
      counters.event(event);
      queue.offer(syncEventOf(event, source.heardAt() ?? event.receivedAt));
      writer.wake();
    },
    onReject: counters.reject,
    onLink,
    onGap,
  });
  return {
    link: source.link,
    provenAt: source.provenAt,
    oldest: () => earliestTime([queue.oldest(), writer.oldest()]),
    queue: () => {
      const [counts, inFlight] = [queue.counts(), writer.inFlight()];
      return {
        ...counts,
        trades: counts.trades + inFlight.trades.length,
        positions: counts.positions + inFlight.positions.length,
        marks: counts.marks + inFlight.marks.length,
      };
    },
    takeOverflow: queue.takeOverflow,
    stop: async limit => {
      await source.stop();
      return writer.drain(limit);
    },
  };
}
