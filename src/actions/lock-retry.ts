import {setTimeout as wait} from 'node:timers/promises';
import {sanitise} from '../core/sanitise.ts';
import type {Ended, Session} from './session.ts';

const TRIES = 5;
const PAUSE_MS = 1000;

/** A statement whose lock is not had within its own short limit is run again, so that nobody queues behind it for long. */
export async function retryLock(session: Session, attempt: () => Promise<Ended>): Promise<Ended> {
  for (let n = 1; ; n++) {
    const ended = await attempt();
    if (ended.ok || ended.failure.sqlstate !== '55P03' || n === TRIES) return ended;
    await wait(PAUSE_MS, undefined, {signal: session.signal}).catch(() => {});
  }
}

/** Why a statement failed, with who held its lock. */
export const whyNot = (ended: Extract<Ended, {ok: false}>): string => {
  const by = ended.blockers.length > 0 ? `: held by ${ended.blockers.join('; ')}` : '';
  return ended.failure.sqlstate === '55P03' ? `its lock was not had in time${by}` : sanitise(ended.failure.message);
};
