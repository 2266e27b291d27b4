import {age} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {Held} from '../monitor/sample.ts';

/** The health of one of the desk's connections: our pools, the services' sessions, Prefect, Redis, the bus. */
export type HealthRow = {
  /** Stable over time: `pool:trading`, `service:trading_system/execution`. */
  readonly key: string;
  readonly name: SafeText;
  readonly kind: 'pool' | 'service' | 'database' | 'redis' | 'cache' | 'bus';
  readonly severity: Severity;
  /** One or two words: `ok`, `blocked`, `down`, `no tables`. */
  readonly state: string;
  readonly inUse: number | undefined;
  readonly idle: number | undefined;
  /** Requests that wait for a free connection, or sessions that wait for a lock. */
  readonly waiting: number | undefined;
  readonly max: number | undefined;
  readonly latencyMs: number | undefined;
  /** Why it does not answer, or why it last failed. */
  readonly lastError: SafeText | undefined;
  /** When it last failed; undefined while it does, and where that is not known. */
  readonly lastErrorAt: Micros | undefined;
  /** Start of the present state, where that is known. */
  readonly since: Micros | undefined;
  readonly note: SafeText | undefined;
};

/** What is counted of a pool's connections, where nothing is. */
export const NO_COUNTS = {inUse: undefined, idle: undefined, waiting: undefined, max: undefined} as const;
/** A row about which nothing else is known. */
export const NOTHING_KNOWN = {
  ...NO_COUNTS,
  kind: 'service',
  severity: 'ok',
  state: 'ok',
  latencyMs: undefined,
  since: undefined,
  note: undefined,
  lastErrorAt: undefined,
} as const;

/** The trouble of the connection behind a source, as far as the source's state tells; undefined: none. */
export function sourceTrouble(held: Held<unknown>, now: Micros): Partial<HealthRow> | undefined {
  const {failure, failingSince, retryAt} = held;
  if (held.state === 'ok' || held.state === 'empty') return undefined;
  if (held.state === 'waiting') return {severity: 'warn', state: 'waiting', note: sanitise('no answer yet')};
  if (held.state === 'stale') {
    return {severity: 'warn', state: 'stale', since: held.at, note: sanitise('not read for three intervals')};
  }
  const retry =
    retryAt === undefined || retryAt <= now ? 'retrying' : `retry in ${age(Math.ceil((retryAt - now) / 1e6))}`;
  return {
    severity: held.state === 'unsupported' ? 'warn' : 'crit',
    state: failure?.why === 'not_set_up' ? 'not set up' : failure?.why === 'timeout' ? 'no answer' : held.state,
    latencyMs: undefined,
    since: failingSince,
    note: sanitise(failure?.retry === false ? failure.next : retry),
  };
}

/** Why a source fails, or why and when it last failed. */
export function lastErrorOfSource({failure, lastFailure}: Held<unknown>): Pick<HealthRow, 'lastError' | 'lastErrorAt'> {
  const last = failure ?? lastFailure?.failure;
  return {lastError: last && sanitise(last.message), lastErrorAt: failure ? undefined : lastFailure?.at};
}
