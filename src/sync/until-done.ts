import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {nextDelay} from './backoff.ts';
import type {BatchListener} from './consumer.ts';

/** Runs `once` until it succeeds, with a growing wait after each failure. False: `limit` aborted first. */
export async function untilDone(
  once: () => Promise<void>,
  onFailed: BatchListener['onFailed'],
  limit: AbortSignal,
): Promise<boolean> {
  for (let wait = 0; !limit.aborted; ) {
    try {
      await once();
      return true;
    } catch (error) {
      wait = nextDelay(wait);
      onFailed(sanitise(failureOf(error).message, 300), wait);
      await delay(wait, undefined, {signal: limit}).catch(() => {});
    }
  }
  return false;
}
