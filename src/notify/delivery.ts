import type {Micros} from '../core/time.ts';
import type {Message} from './message.ts';
import type {SendOutcome} from './outcome.ts';

/** One try to send a message, as notification_logs keeps it. */
type Try = {
  readonly at: Micros;
  /** How long the receiver took, in milliseconds. */
  readonly ms: number;
  readonly ok: boolean;
  readonly answer: string;
};

/** A message on its way to one receiver. */
export type Delivery = {
  message: Message;
  status: 'pending' | 'sent' | 'failed';
  attempts: number;
  /** The newest tries. */
  tries: readonly Try[];
  /** What the last try failed with. */
  error: string | undefined;
  sentAt: Micros | undefined;
  /** By the clock of `nowMs`: from then on it takes no more changes, and it may be tried. */
  dueMs: number;
  /** It was tried: nothing is added to it any more. */
  frozen: boolean;
  sending: boolean;
  /** Grows with each change; the database has `kept`. */
  revision: number;
  kept: number;
};

const TRIES_KEPT = 50;

/** A delivery of a message that waits until `dueMs`. */
export const newDelivery = (message: Message, dueMs: number, kept = 0, attempts = 0): Delivery => ({
  message,
  status: 'pending',
  attempts,
  tries: [],
  error: undefined,
  sentAt: undefined,
  dueMs,
  frozen: false,
  sending: false,
  revision: kept === 0 ? 1 : kept,
  kept,
});

/** Counts one try that began at `at` and took `ms` milliseconds. */
export function countTry(delivery: Delivery, outcome: SendOutcome, at: Micros, ms: number): void {
  const tried = {at, ms: Math.round(ms), ok: outcome.ok, answer: outcome.answer};
  delivery.attempts++;
  delivery.revision++;
  delivery.sending = false;
  delivery.tries = [...delivery.tries, tried].slice(-TRIES_KEPT);
  delivery.error = outcome.ok ? undefined : outcome.answer;
  if (outcome.ok) [delivery.status, delivery.sentAt] = ['sent', at + Math.round(ms) * 1000];
}
