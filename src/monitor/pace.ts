import type {Failure} from '../core/errors.ts';
import type {AnyPoller} from './poller.ts';
import type {PollOutcome} from './reading.ts';

/** A missing right stays missing until someone grants it, and each try writes a line to the server's log. */
const DENIED_MS = 60_000;
/**
 * A login is refused until the password is put right, which a person then waits to see: in ten seconds at most. Not spread
 * by chance: readings that try together share one refusal.
 */
const REFUSED_MS = 8000;
/** `tradetop setup` may be running at this moment. */
const NOT_SET_UP_MS = 10_000;
/** A statement that the server cancels has cost it two seconds of work. */
const TOO_SLOW_MS = 30_000;
/** Together with the time to connect, the console notices within five seconds that a server is back. */
const DOWN_MS = 4000;

/**
 * Milliseconds until the next try after `failures` failures in a row. `chance` (0…1) spreads the tries of many
 * consoles.
 * @internal
 */
export function retryMs(failure: Failure, failures: number, chance: number): number {
  if (failure.why === 'not_set_up') return NOT_SET_UP_MS;
  if (isRefusedLogin(failure)) return REFUSED_MS;
  if (!failure.retry || (failure.why === 'bug' && failure.sqlstate !== undefined)) return DENIED_MS;
  const most = failure.sqlstate === '57014' ? TOO_SLOW_MS : DOWN_MS;
  const full = Math.min(500 * 2 ** Math.min(failures - 1, 10), most);
  return full / 2 + (full / 2) * chance;
}

const LOGIN_WORDS = /^(WRONGPASS|NOAUTH)|SASL|password|SSL|certificate/i;

/** Whether the connection was refused, not a statement: PostgreSQL's class 28, or the words of Redis and the drivers. */
const isRefusedLogin = ({why, message, sqlstate}: Failure): boolean =>
  why === 'denied' && (sqlstate?.startsWith('28') ?? LOGIN_WORDS.test(message));

/** How long a poller rests for the server's sake: so many times as long as the server worked for it, and how long at most. Of several the longest counts. */
export type Rest = {readonly times: number; readonly mostMs: number};

/** It takes at most two percent of a core; and an overloaded server is the one to watch. */
export const REST: readonly Rest[] = [{times: 50, mostMs: 5000}];

/**
 * What nobody sees, and no alert must say at once, takes a twenty-thousandth while it is read every twenty seconds at
 * least, and never more than a fifteen-hundredth: there may be 50,000 tables.
 */
export const REST_UNSEEN: readonly Rest[] = [
  {times: 20_000, mostMs: 20_000},
  {times: 1500, mostMs: 300_000},
];

/**
 * Milliseconds to rest after a good reading: the remainder of the interval, or longer where the server worked much for
 * the reading (`workMs`) or the reading took long (`ms`) and not only on its way (`pathMs`).
 * @internal
 */
export function restMs(took: Took, everyMs: number, rests: readonly Rest[] = REST): number {
  const own = took.ms - (took.pathMs ?? 0);
  const rested = rests.map(({times, mostMs}) => Math.min(mostMs, Math.max(times * took.workMs, own)));
  return Math.max(everyMs - took.ms, ...rested, 0);
}

type Took = {readonly ms: number; readonly pathMs?: number; readonly workMs: number};

/** The pace of one loop. */
export type Pace = {
  /** Takes in how a reading ended; gives the milliseconds until the next one. */
  readonly after: (outcome: PollOutcome, everyMs: number, rests: readonly Rest[]) => number;
  readonly failing: () => boolean;
  /** Whether the last reading took so little that one every `ms` costs next to nothing. */
  readonly cheapEvery: (ms: number) => boolean;
};

/** A reading is cheap where it takes at most this part of the time between two. */
const CHEAP = 50;

export function createPace({deltas}: AnyPoller, chance: () => number): Pace {
  let [good, failures, lastMs] = [0, 0, Number.POSITIVE_INFINITY];
  // The least work of the last readings counts: whatever else kept the machine busy is not ours.
  let recentWorkMs: readonly number[] = [];
  return {
    failing: () => failures > 0,
    cheapEvery: ms => failures === 0 && lastMs * CHEAP <= ms,
    after: (outcome, everyMs, most) => {
      lastMs = outcome.ms;
      if (!outcome.rows) return retryMs(outcome.failure, ++failures, chance());
      failures = 0;
      good++;
      recentWorkMs = [outcome.workMs, ...recentWorkMs].slice(0, 3);
      const rest = restMs({...outcome, workMs: Math.min(...recentWorkMs)}, everyMs, most);
      // The second reading comes soon: until then there are no rates to show.
      return good === 1 && deltas ? Math.min(rest, 1000) : rest;
    },
  };
}
