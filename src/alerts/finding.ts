import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, State} from '../model/state.ts';

/** What is not well now, before it is known since when it has been seen; `since` where the state itself tells. */
export type AlertFinding = {
  readonly id: string;
  readonly severity: Alert['severity'];
  readonly text: string;
  readonly since?: Micros | undefined;
};

/** All that alerts are made of. */
export type Seen = Omit<State, 'alerts'>;

/** From where on something is not well; alerts and health rows judge by the same. Seconds, unless said otherwise. */
export const LIMITS = {
  blocked: {warn: 5, crit: 60},
  idleInTransaction: {warn: 60, crit: 600},
  oldestXact: {warn: 600, crit: 3600},
  /** Of max_connections, 0…1. */
  sessions: {warn: 0.9, crit: 0.97},
  /** Of maxmemory, 0…1. */
  redisMemory: {warn: 0.9, crit: 0.98},
  /** Times the threshold of a slow query. */
  longQuery: {warn: 10, crit: 60},
  /** How old the last sign of life of a synchroniser is; it gives one a second. */
  silent: {warn: 5, crit: 30},
  /** How long a gap of the synchroniser may be open. */
  gapOpen: 60,
  /** How long a synchroniser that is gone is told of while others do its work, or when it was stopped on purpose. */
  missed: 86_400,
  /** How long something that happened once stays an alert. */
  recent: 60,
  /** The same, for what changes how everything else is to be read: a restart, a fail-over, a gap. */
  notable: 600,
  /** How long a source may fail, or a connection be made, before it is an alert of its own. */
  grace: 10,
} as const;

/** How bad a value is that is worse the larger it is. At a limit is not yet over it. */
export const judge = (value: number, limit: {readonly warn: number; readonly crit: number}): Severity =>
  value > limit.crit ? 'crit' : value > limit.warn ? 'warn' : 'ok';

/** A finding when the judgement is not `ok`, else none. */
export const found = (severity: Severity, finding: Omit<AlertFinding, 'severity'>): readonly AlertFinding[] =>
  severity === 'ok' ? [] : [{...finding, severity}];

/** Whether something that happened at `then` is not longer ago than `seconds`. */
export const within = (now: Micros, then: Micros | undefined, seconds: number): boolean =>
  then !== undefined && now - then <= seconds * 1e6;
