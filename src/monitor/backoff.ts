import type {Failure} from '../core/errors.ts';

/** Asking again cannot help until someone mends it, and each try is a line in the server's log. */
const DENIED_MS = 60_000;
/** `tradetop setup` may be running beside us. */
const NOT_SET_UP_MS = 10_000;
/** A statement that the server gave up costs it two seconds of work each time. */
const TOO_SLOW_MS = 30_000;
/** With connecting, a server that is back is seen within five seconds. */
const DOWN_MS = 4000;

/**
 * How long to wait before the next try, in milliseconds, after `failures` failures in a row. `chance` (0…1) spreads the
 * tries of many consoles.
 */
export function retryMs(failure: Failure, failures: number, chance: number): number {
  if (failure.why === 'not_set_up') return NOT_SET_UP_MS;
  if (!failure.retry || (failure.why === 'bug' && failure.sqlstate !== undefined)) return DENIED_MS;
  const most = failure.sqlstate === '57014' ? TOO_SLOW_MS : DOWN_MS;
  const full = Math.min(500 * 2 ** Math.min(failures - 1, 10), most);
  return full / 2 + (full / 2) * chance;
}

/** Times as long as the server worked for a reading it is left alone: a poller takes at most two percent of a core. */
const REST = 50;
/** But an overloaded server is the one that one wants to see. */
const MOST_REST_MS = 5000;

/**
 * How long to rest after a good reading, in milliseconds: what is left of the interval, or longer where the server
 * worked much for it (`workMs`), or where it took long (`ms`).
 */
export const restMs = (took: {readonly ms: number; readonly workMs: number}, everyMs: number): number =>
  Math.max(everyMs - took.ms, Math.min(MOST_REST_MS, Math.max(REST * took.workMs, took.ms)));
