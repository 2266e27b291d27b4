import {setTimeout as wait} from 'node:timers/promises';
import {sanitise} from '../core/sanitise.ts';
import type {Ended, Session} from './session.ts';
import {lockTimeout} from './words.ts';

const ATTEMPTS = 5;
const PAUSE_MS = 1000;

/**
 * Repeats what has a short lock timeout of its own, after which nobody queues behind it any more. `attempt` gives undefined
 * where it did not get the lock, but for the last time.
 */
export async function untilLocked<T>(
  session: Session,
  attempt: (isLast: boolean) => Promise<T | undefined>,
): Promise<T> {
  for (let n = 1; ; n++) {
    const result = await attempt(n === ATTEMPTS);
    if (result !== undefined) return result;
    await wait(PAUSE_MS, undefined, {signal: session.signal}).catch(() => {});
  }
}

/** Repeats a statement with such a lock timeout. */
export const retryLock = (session: Session, attempt: () => Promise<Ended>): Promise<Ended> =>
  untilLocked(session, async isLast => {
    const ended = await attempt();
    return ended.ok || ended.failure.sqlstate !== '55P03' || isLast ? ended : undefined;
  });

/** Why such a statement failed at last; `lockMs` is its own lock timeout. */
export const retryFailure = ({failure, blockers}: Extract<Ended, {ok: false}>, lockMs: number): string =>
  failure.sqlstate === '55P03' ? lockTimeout(lockMs, blockers, ATTEMPTS) : sanitise(failure.message);
