import {age, bytes} from '../core/format.ts';
import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, AlertLimits, State} from '../model/state.ts';

/** The limits of alerts and health rows alike; in seconds, unless the comment says otherwise. */
export const LIMITS = {
  blocked: {warn: 5, crit: 60},
  idleInTransaction: {warn: 20, crit: 300},
  oldestXact: {warn: 600, crit: 3600},
  /** Of max_connections, 0…1. */
  sessions: {warn: 0.9, crit: 0.97},
  /** How long the calls of a service wait for a connection of its pool; it publishes that every five seconds. */
  poolWait: {warn: 9, crit: 60},
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
  /** Whatever comes often is not silent before this. */
  quiet: 15,
  /** The same for a service that goes alone: it may have closed its idle sessions. */
  alone: 60,
  /** How long an order may wait for the market's answer. */
  pendingOrder: {warn: 30, crit: 300},
  /** How long an order that should be filled at once (market, IOC, FOK) may stand without a change. */
  unfilledOrder: {warn: 60, crit: 600},
  /** Of a risk limit, 0…1. */
  riskUsed: {warn: 0.8, crit: 0.95},
  /** Age of a symbol's last bar, in times of the usual interval between its bars. */
  lateBar: {warn: 2.25, crit: 6},
  /** How long the ingestion may say nothing of its sources. */
  silentIngestion: 120,
  /** How long a flow run of Prefect's may be due. */
  lateRun: {warn: 60, crit: 900},
  /** How long a flow run may take, in times of its flow's usual duration. */
  longRun: {warn: 3, crit: 10},
  /** Age of the last heartbeat of a worker of Prefect's; it sends one every 30 s. */
  prefectWorker: 90,
  /** How long a single event stays an alert. */
  recent: 60,
  /** The same for an event that changes how to read everything else: a restart, a fail-over, a gap. */
  notable: 600,
  /** How long a source may fail, or a connection may take, before that raises an alert of its own. */
  grace: 10,
} as const;

/** The severity of a value by a rule's limits, where it had the severity `before`: it improves later than it worsens. */
export function judgeBy(value: number, limits: AlertLimits, before: Alert['severity'] | undefined): Severity {
  const {warn, crit, clear = warn, worse = 'over'} = limits;
  const beyond = (limit: number | undefined): boolean =>
    limit !== undefined && (worse === 'over' ? value > limit : value < limit);
  const later = (limit: number | undefined): number | undefined =>
    limit === undefined || clear === undefined || warn === undefined || warn === 0 ? limit : (limit * clear) / warn;
  if (beyond(before === 'crit' ? later(crit) : crit)) return 'crit';
  return beyond(before === undefined ? warn : clear) ? 'warn' : 'ok';
}

/** Whether a value can be an alert, or keep one: beyond the limit at which an alert ends. */
export const near = (value: number, {warn, crit, clear, worse = 'over'}: AlertLimits): boolean => {
  const limit = clear ?? warn ?? crit;
  return limit !== undefined && (worse === 'over' ? value > limit : value < limit);
};

/** A rule's limits as the config file and the database change them. */
export const limitsIn = ({limits}: Pick<State, 'limits'>, rule: string, own: AlertLimits): AlertLimits => ({
  ...own,
  ...limits.byRule.get(rule),
});

/** The severity of a value that is worse the larger it is. A value at a limit is not over it. */
export const judge = (value: number, limit: {readonly warn: number; readonly crit: number}): Severity =>
  value > limit.crit ? 'crit' : value > limit.warn ? 'warn' : 'ok';

/** Whether `then` is at most `seconds` ago. */
export const within = (now: Micros, then: Micros | undefined, seconds: number): boolean =>
  then !== undefined && now - then <= seconds * 1e6;

const SHOWN: Readonly<Record<NonNullable<AlertLimits['unit']>, (limit: number) => string>> = {
  seconds: age,
  share: limit => `${Number((limit * 100).toPrecision(4))} %`,
  count: limit => String(limit),
  times: limit => `${limit} ×`,
  bytes: bytes,
};

/** A rule's limits in words: `warn 5s, crit 1m, after 10s`; empty where it has none. */
export function limitText({unit = 'count', warn, crit, clear, forSeconds}: AlertLimits = {}): string {
  const shown = (name: string, limit: number | undefined) =>
    limit === undefined ? '' : `${name} ${SHOWN[unit](limit)}`;
  const after = forSeconds ? `after ${age(forSeconds)}` : '';
  return [shown('warn', warn), shown('crit', crit), shown('clear', clear), after].filter(Boolean).join(', ');
}
