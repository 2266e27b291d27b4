import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';

/** The limits of alerts and health rows alike; in seconds, unless the comment says otherwise. */
export const LIMITS = {
  blocked: {warn: 5, crit: 60},
  idleInTransaction: {warn: 60, crit: 600},
  oldestXact: {warn: 600, crit: 3600},
  /** Of max_connections, 0…1. */
  sessions: {warn: 0.9, crit: 0.97},
  /** Of maxmemory, 0…1. */
  redisMemory: {warn: 0.9, crit: 0.98},
  /** Multiples of the threshold of a slow query. */
  longQuery: {warn: 10, crit: 60},
  /** Age of a synchroniser's last heartbeat; it sends one a second. */
  silent: {warn: 5, crit: 30},
  /** Age of an open gap of the synchroniser. */
  gapOpen: 60,
  /** How long alerts name a synchroniser that is gone while others do its work, or that was stopped on purpose. */
  missed: 86_400,
  /** How long a single event stays an alert. */
  recent: 60,
  /** The same for an event that changes how to read everything else: a restart, a fail-over, a gap. */
  notable: 600,
  /** How long a source may fail, or a connection may take, before that raises an alert of its own. */
  grace: 10,
} as const;

/** The severity of a value that is worse the larger it is. A value at a limit is not over it. */
export const judge = (value: number, limit: {readonly warn: number; readonly crit: number}): Severity =>
  value > limit.crit ? 'crit' : value > limit.warn ? 'warn' : 'ok';

/** Whether `then` is at most `seconds` ago. */
export const within = (now: Micros, then: Micros | undefined, seconds: number): boolean =>
  then !== undefined && now - then <= seconds * 1e6;
