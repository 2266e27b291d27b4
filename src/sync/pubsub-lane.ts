import {itemOf} from './item.ts';
import type {Lane, LaneOptions} from './lane.ts';
import {openPubsub, type Source} from './pubsub.ts';
import {createQueue} from './queue.ts';
import {startWorker} from './worker.ts';

/** Pub/Sub: what is heard waits in a bounded queue for its transaction. */
export function openPubsubLane(options: LaneOptions): Lane {
  const {redis, db, tally, before, onGap, onLink, onCommitted, onFailed} = options;
  const queue = createQueue(options.limits);
  const worker = startWorker({db, queue, onCommitted, onFailed});
  const source: Source = openPubsub({
    redis,
    name: `tradetop sync ${options.worker}`,
    before,
    onEvent: event => {
      tally.event(event);
      queue.offer(itemOf(event, source.heardAt() ?? event.receivedAt));
      worker.wake();
    },
    onReject: tally.reject,
    onLink,
    onGap,
  });
  return {
    link: source.link,
    provenAt: source.provenAt,
    oldest: () => {
      const times = [queue.oldest(), worker.oldest()].filter(time => time !== undefined);
      return times.length > 0 ? Math.min(...times) : undefined;
    },
    queue: () => {
      const [counts, taken] = [queue.counts(), worker.taken()];
      return {
        ...counts,
        trades: counts.trades + taken.trades.length,
        positions: counts.positions + taken.positions.length,
        marks: counts.marks + taken.marks.length,
      };
    },
    takeOverflow: queue.takeOverflow,
    stop: async limit => {
      await source.stop();
      return worker.drain(limit);
    },
  };
}
