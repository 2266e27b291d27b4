import {setTimeout as wait} from 'node:timers/promises';
import {sanitise} from '../core/sanitise.ts';
import type {Ended, Session} from './session.ts';
import {lockTimeout} from './words.ts';

const ATTEMPTS = 5;
const PAUSE_MS = 1000;

/** Repeats a statement with a short lock timeout of its own, after which nobody queues behind it any more. */
export async function retryLock(session: Session, attempt: () => Promise<Ended>): Promise<Ended> {
  for (let n = 1; ; n++) {
    const ended = await attempt();
    if (ended.ok || ended.failure.sqlstate !== '55P03' || n === ATTEMPTS) return ended;
    await wait(PAUSE_MS, undefined, {signal: session.signal}).catch(() => {});
  }
}

/** Why such a statement failed at last; `lockMs` is its own lock timeout. */
export const retryFailure = ({failure, blockers}: Extract<Ended, {ok: false}>, lockMs: number): string =>
  failure.sqlstate === '55P03' ? lockTimeout(lockMs, blockers, ATTEMPTS) : sanitise(failure.message);
