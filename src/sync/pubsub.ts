import type {BusLink, DeskEvent, Reject} from '../bus/event.ts';
import {subscribe} from '../bus/subscribe.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {Gap} from './gaps.ts';

/** Where events come from. */
export type Source = {
  readonly link: () => BusLink;
  /** What was published before this has been received, or lies in a gap that was declared; undefined: nothing is known yet. */
  readonly provenAt: () => Micros | undefined;
  /** Everything that was published before this and will be heard at all has been heard: what comes now was published later. */
  readonly heardAt: () => Micros | undefined;
  /** Stops receiving. */
  readonly stop: () => Promise<void>;
};

export type PubsubOptions = {
  readonly redis: RedisTarget;
  readonly name: string;
  readonly onEvent: (event: DeskEvent) => void;
  readonly onReject: (reject: Reject) => void;
  readonly onLink: (link: BusLink) => void;
  readonly onGap: (gap: Gap) => void;
  /** Until when a worker before us had everything; undefined while the database has not told, null when there was none. */
  readonly before: () => Micros | null | undefined;
  readonly now?: () => Micros;
};

/** A PING that took so long found this process, not the network, standing still: the network gives up after 3 s. */
const FROZEN_MS = 4000;
const TICK_MS = 500;

/**
 * Hears the bus by Pub/Sub, which delivers at most once. What proves that nothing is missing is a PING on every
 * subscribing connection: its answer comes behind everything that was published before it was sent. So a gap begins
 * when the last PING was sent that was answered on all of them, however much was received since, and ends when the last
 * one has its subscription confirmed again.
 */
export function openPubsub(options: PubsubOptions): Source {
  const {now = nowMicros} = options;
  let link: BusLink | undefined;
  let proven: Micros | undefined;
  let readyAt: Micros | undefined;
  let started = false;
  let tickedAt = performance.now();
  let stoodStill = false;
  const tick = setInterval(() => {
    const late = performance.now() - tickedAt - TICK_MS;
    stoodStill = late > FROZEN_MS || (stoodStill && link?.state !== 'ready');
    tickedAt = performance.now();
    begin();
  }, TICK_MS);
  // The first subscription ends the gap since the workers before us; the database may be away when it is had.
  const begin = (): void => {
    const before = options.before();
    if (started || readyAt === undefined || before === undefined) return;
    started = true;
    options.onGap({reason: before === null ? 'first_start' : 'restart', from: before ?? undefined, to: readyAt});
  };
  const ready = (): void => {
    const at = now();
    if (readyAt !== undefined) {
      options.onGap({reason: stoodStill ? 'frozen' : 'disconnect', from: proven ?? readyAt, to: at});
    }
    stoodStill = false;
    readyAt ??= at;
    proven = at;
    begin();
  };
  const subscription = subscribe(options.redis, {
    name: options.name,
    onEvent: options.onEvent,
    onReject: options.onReject,
    onProven: sentAt => {
      proven = sentAt;
    },
    onLink: next => {
      const before = link;
      link = next;
      if (next.state === 'ready' && before?.state !== 'ready') ready();
      if (next.latencyMs === undefined && performance.now() - tickedAt - TICK_MS > FROZEN_MS) stoodStill = true;
      options.onLink(next);
    },
  });
  return {
    link: () => link as BusLink,
    heardAt: () => proven,
    provenAt: () => (started ? proven : undefined),
    stop: async () => {
      clearInterval(tick);
      subscription.close();
    },
  };
}
