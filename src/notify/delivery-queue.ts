import {randomUUID} from 'node:crypto';
import type {Micros} from '../core/time.ts';
import {countTry, type Delivery, newDelivery} from './delivery.ts';
import type {Edge} from './edges.ts';
import {severityOf, withEdge} from './message.ts';
import type {SendOutcome} from './outcome.ts';
import {createMessagePace, retryDelay} from './pace.ts';

/** The messages for one receiver: one that is tried, one that is gathered, and what another process left. */
export type DeliveryQueue = {
  /** The oldest first. */
  readonly waiting: () => readonly Delivery[];
  /** Adds a change to the message that is being gathered. */
  readonly gather: (edge: Edge, at: Micros, nowMs: number) => void;
  /** The message that may be sent now. `unkept`: although the database does not have it yet; `early`: without waiting. */
  readonly due: (nowMs: number, how?: {readonly unkept?: boolean; readonly early?: boolean}) => Delivery | undefined;
  readonly begin: (delivery: Delivery, nowMs: number) => void;
  /** Counts a try; a message that is given up is logged as failed. */
  readonly tried: (delivery: Delivery, outcome: SendOutcome, when: {at: Micros; ms: number; nowMs: number}) => void;
  /** Messages, ended ones too, that the database does not have as they are. */
  readonly unkept: () => readonly Delivery[];
  /** The database has this revision of the message. */
  readonly kept: (delivery: Delivery, revision: number) => void;
};

export type DeliveryQueueOptions = {
  readonly waiting?: readonly Delivery[];
  readonly nowMs: number;
  readonly random?: () => number;
  readonly newKey?: () => string;
  /** So long the changes of a burst are gathered into one message, in milliseconds. Default 5,000. */
  readonly gatherMs?: number;
};

const GATHER_MS = 5000;
/** A message without a critical alert is given up after so many tries, which take a quarter of an hour. */
const MOST_TRIES = 10;
/** Ended messages that wait for the database; beyond that only their record is lost. */
const MOST_ENDED = 100;

/** Creates the queue. A message with a critical alert is tried until it is sent. */
export function createDeliveryQueue(options: DeliveryQueueOptions): DeliveryQueue {
  const {random = Math.random, newKey = randomUUID, gatherMs = GATHER_MS} = options;
  const pace = createMessagePace(options.nowMs);
  let waiting: readonly Delivery[] = options.waiting ?? [];
  let ended: readonly Delivery[] = [];
  const gathering = (at: Micros, nowMs: number): Delivery => {
    const last = waiting.at(-1);
    if (last && !last.frozen) return last;
    const made = newDelivery({key: newKey(), at, entries: [], rest: []}, nowMs + gatherMs);
    waiting = [...waiting, made];
    return made;
  };
  const end = (delivery: Delivery): void => {
    waiting = waiting.filter(one => one !== delivery);
    ended = [...ended, delivery].slice(-MOST_ENDED);
  };
  return {
    waiting: () => waiting,
    gather: (edge, at, nowMs) => {
      const delivery = gathering(at, nowMs);
      delivery.message = withEdge(delivery.message, edge);
      delivery.revision++;
    },
    due: (nowMs, {unkept = false, early = false} = {}) => {
      const [first] = waiting;
      if (!first || first.sending || (!unkept && first.kept !== first.revision)) return undefined;
      const isEarly = nowMs < first.dueMs || (first.attempts === 0 && !pace.ready(nowMs));
      return isEarly && !early ? undefined : first;
    },
    begin: (delivery, nowMs) => {
      if (delivery.attempts === 0) pace.take(nowMs);
      [delivery.frozen, delivery.sending] = [true, true];
    },
    tried: (delivery, outcome, {at, ms, nowMs}) => {
      countTry(delivery, outcome, at, ms);
      if (outcome.ok) return end(delivery);
      const isCritical = severityOf(delivery.message) === 'crit';
      if (!isCritical && (outcome.permanent || delivery.attempts >= MOST_TRIES)) {
        delivery.status = 'failed';
        return end(delivery);
      }
      // What nobody mends by waiting is tried as seldom as possible.
      const attempts = outcome.permanent ? Number.MAX_SAFE_INTEGER : delivery.attempts;
      delivery.dueMs = nowMs + retryDelay(attempts, random, outcome.retryAfterMs);
    },
    unkept: () => [...waiting, ...ended].filter(({kept, revision}) => kept !== revision),
    kept: (delivery, revision) => {
      delivery.kept = revision;
      ended = ended.filter(one => one.kept !== one.revision);
    },
  };
}
