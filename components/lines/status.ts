import type {Failure} from '../../src/core/errors.ts';
import {age, ageAt} from '../../src/core/format.ts';
import type {Severity} from '../../src/core/severity.ts';
import {clock, type Micros} from '../../src/core/time.ts';
import type {BusState} from '../../src/model/bus-state.ts';
import type {Held} from '../../src/monitor/sample.ts';
import {GLYPH, type Line} from './theme.ts';

type PaneState = Held<unknown>['state'];

/** The condition of a source in words: plain values, so that a pane is drawn again only when one of them changes. */
export type Status = {
  readonly state: PaneState;
  readonly severity: Severity | 'idle';
  /** A few words for the title: `down 41s`; empty while nothing is wrong. */
  readonly head: string;
  /** What is wrong; empty while nothing is. */
  readonly detail: string;
  /** How old the rows are, and when the source is read again. */
  readonly since: string;
  /** What to do about it. */
  readonly next: string;
  /** The reason in the server's words; undefined while nothing is wrong. */
  readonly why: string | undefined;
  /** When the rows were read. */
  readonly at: Micros | undefined;
};

type Source = Pick<Held<unknown>, 'state' | 'at' | 'failure' | 'failingSince' | 'retryAt' | 'asleep'>;

// Rows of a source that was not read meanwhile, in microseconds: older ones say how old they are.
const FRESH = 5_000_000;

const OK = {severity: 'ok', head: '', detail: '', since: '', next: '', why: undefined} as const;

/** The status of a source at a time. */
export function statusOf(held: Source, now: Micros): Status {
  const base = {state: held.state, at: held.at};
  if (held.asleep === true && held.failure === undefined && held.at !== undefined && now - held.at > FRESH) {
    return {...OK, ...base, severity: 'idle', head: `${ageAt(held.at, now)} old, reading`};
  }
  if (held.state === 'ok' || held.state === 'empty') return {...OK, ...base};
  if (held.state === 'waiting' && held.failure === undefined) {
    return {...OK, ...base, severity: 'idle', head: 'waiting', detail: 'waiting for the first answer'};
  }
  const since = held.failingSince === undefined ? '' : ` ${ageAt(held.failingSince, now)}`;
  const severity = held.state === 'down' ? 'crit' : 'warn';
  const word = (held.failure && REASONS[held.failure.why]) ?? held.state;
  const reason = held.failure?.message ?? 'no new rows';
  const rows = held.at === undefined ? '' : `rows from ${clock(held.at)}Z (${ageAt(held.at, now)} ago)`;
  return {
    ...base,
    severity,
    head: `${word}${since}`,
    detail: reason,
    since: [rows, retry(held, now)].filter(part => part !== '').join(' · '),
    next: held.failure?.next ?? '',
    why: reason,
  };
}

/** The status of the subscription to Redis, in the words of a source. */
export function busStatus({link, tape}: Pick<BusState, 'link' | 'tape'>, now: Micros): Status {
  const failing = link.state === 'down' || link.state === 'denied' || (link.state === 'connecting' && link.drops > 0);
  const state =
    link.state === 'denied'
      ? 'denied'
      : failing
        ? 'down'
        : link.state === 'connecting'
          ? 'waiting'
          : tape.length > 0
            ? 'ok'
            : 'empty';
  const message = link.error ?? 'the subscription was lost';
  const failure = failing ? ({why: 'down', message, next: '', retry: true} as const) : undefined;
  const failingSince = failing ? link.since : undefined;
  const status = statusOf({state, at: tape[0]?.receivedAt, failure, failingSince, retryAt: link.retryAt}, now);
  if (state !== 'waiting') return status;
  return {...status, head: 'connecting', detail: `connecting to Redis for ${ageAt(link.since, now)}`};
}

/** A line about a second source of a pane when that one fails; undefined while it does not. */
export function remark(
  name: string,
  held: Source & {readonly failure: Failure | undefined},
  now: Micros,
): string | undefined {
  if (held.failure === undefined) return undefined;
  const {head} = statusOf(held, now);
  const next = held.failure.next === '' ? '' : ` · ${held.failure.next}`;
  return `${name} ${head}: ${held.failure.message}${next}`;
}

/** The status as a title shows it. */
export const statusHead = (status: Status): Line =>
  status.severity === 'idle'
    ? [[`${GLYPH.idle} ${status.head}`, 'faint']]
    : [
        [`${GLYPH[status.severity]} `, status.severity],
        [status.head, status.severity === 'crit' ? 'crit' : 'strong'],
      ];

// Reasons that say more than the state does.
const REASONS: Readonly<Partial<Record<Failure['why'], string>>> = {
  timeout: 'no answer',
  not_set_up: 'not set up',
  bug: 'failing',
};

function retry(held: Source, now: Micros): string {
  if (held.retryAt === undefined) return held.failure?.retry === false ? 'not retried automatically' : '';
  return held.retryAt <= now ? 'trying now' : `next try in ${age((held.retryAt - now) / 1e6 + 0.999)}`;
}
