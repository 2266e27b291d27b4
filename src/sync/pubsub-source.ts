import type {BusLink, DeskEvent, Reject} from '../bus/event.ts';
import {subscribe} from '../bus/subscribe.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {ConsumerOptions} from './consumer.ts';

/** Receives events by Pub/Sub and declares the gaps in what it received. */
export type PubsubSource = {
  readonly link: () => BusLink;
  /** Every event published before this time was received, or lies in a declared gap; undefined: nothing is known yet. */
  readonly provenAt: () => Micros | undefined;
  /** No event published before this time will come any more: one that comes now was published later. */
  readonly heardAt: () => Micros | undefined;
  /** Stops receiving. */
  readonly stop: () => Promise<void>;
};

type PubsubSourceOptions = Pick<ConsumerOptions, 'onLink' | 'onGap' | 'previousSafeAt'> & {
  readonly redis: RedisTarget;
  /** Shown in CLIENT LIST. */
  readonly name: string;
  readonly onEvent: (event: DeskEvent) => void;
  readonly onReject: (reject: Reject) => void;
};

/** A tick that is this late shows that the process was suspended: a network failure is noticed after 3 s. */
const FROZEN_MS = 4000;
const TICK_MS = 500;

/**
 * Hears the bus by Pub/Sub, which delivers at most once. A PING on every subscribing connection proves that nothing is
 * missing: its answer comes behind all events that were published before it was sent. So a gap begins when the last PING
 * was sent that was answered on every connection, whatever was received since, and ends when the last connection has its
 * subscription confirmed again.
 */
export function openPubsubSource(options: PubsubSourceOptions): PubsubSource {
  let link: BusLink | undefined;
  let proven: Micros | undefined;
  let readyAt: Micros | undefined;
  let started = false;
  const freeze = createFreezeDetector(() => link?.state === 'ready');
  // The first subscription ends the gap since earlier workers. The database may be down then, so ticks try again.
  const declareStart = (): void => {
    const since = options.previousSafeAt();
    if (started || readyAt === undefined || since === undefined) return;
    started = true;
    options.onGap({reason: since === null ? 'first_start' : 'restart', from: since ?? undefined, to: readyAt});
  };
  const tick = setInterval(() => {
    freeze.tick();
    declareStart();
  }, TICK_MS);
  const ready = (): void => {
    const at = nowMicros();
    if (readyAt !== undefined) {
      options.onGap({reason: freeze.happened() ? 'frozen' : 'disconnect', from: proven ?? readyAt, to: at});
    }
    freeze.reset();
    readyAt ??= at;
    proven = at;
    declareStart();
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
      if (next.latencyMs === undefined) freeze.check();
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

/** Finds by late ticks that the process was suspended, and remembers it until the link is ready or `reset` is called. */
function createFreezeDetector(isReady: () => boolean) {
  let tickedAt = performance.now();
  let happened = false;
  const isLate = (): boolean => performance.now() - tickedAt - TICK_MS > FROZEN_MS;
  return {
    tick: (): void => {
      happened = isLate() || (happened && !isReady());
      tickedAt = performance.now();
    },
    check: (): void => {
      if (isLate()) happened = true;
    },
    happened: (): boolean => happened,
    reset: (): void => {
      happened = false;
    },
  };
}
