import type {Micros} from '../core/time.ts';
import type {Alert} from '../model/state.ts';
import type {Seen} from './rule.ts';

/** An acknowledgement is good for a day: whoever comes after that sees the alert again. */
const GOOD: Micros = 86_400_000_000;

/** How far the database's clock, which dates acknowledgements, may be from the clock of what an alert began with. */
const CLOCKS: Micros = 5_000_000;

/** The times of the acknowledgements that ended with their alerts, by the alert's id. */
export type EndedMarks = ReadonlyMap<string, Micros>;

const MOST = 500;

/** When each alert was acknowledged, by its id. */
const acknowledgements = (state: Seen): ReadonlyMap<string, Micros> =>
  new Map(
    state.samples.alert_marks.rows.flatMap(({alert, acknowledgedAt}) =>
      acknowledgedAt === undefined ? [] : [[alert as string, acknowledgedAt] as const],
    ),
  );

/**
 * The acknowledgements that no longer count: their alerts have ended since, or began after them. `began`: when an alert
 * that is new began, where that is known.
 */
export function endedMarks(
  state: Seen,
  before: {readonly alerts: readonly Alert[]; readonly ended: EndedMarks},
  now: readonly Alert[],
  began: ReadonlyMap<string, Micros>,
): EndedMarks {
  const marks = acknowledgements(state);
  if (marks.size === 0) return before.ended;
  const ended = new Map(before.ended);
  const ids = new Set(now.map(({id}) => id));
  for (const {id} of before.alerts) {
    const at = ids.has(id) ? undefined : marks.get(id);
    if (at !== undefined) ended.set(id, at);
  }
  for (const [id, since] of began) {
    const at = marks.get(id);
    if (at !== undefined && since > at + CLOCKS) ended.set(id, at);
  }
  return new Map([...ended].slice(-MOST));
}

/** The alerts with what operators said of them. A rule can be muted by its own id. */
export function withMarks(alerts: readonly Alert[], {at, samples}: Seen, ended: EndedMarks): readonly Alert[] {
  if (samples.alert_marks.rows.length === 0) return alerts.map(alert => ({...alert, ...UNMARKED}));
  const marks = new Map(samples.alert_marks.rows.map(row => [row.alert as string, row]));
  return alerts.map(alert => {
    const mark = marks.get(alert.id);
    const mute = [mark, marks.get(alert.rule)]
      .filter(row => (row?.mutedUntil ?? 0) > at)
      .toSorted((a, b) => (b?.mutedUntil ?? 0) - (a?.mutedUntil ?? 0))[0];
    const acknowledgedAt = mark?.acknowledgedAt;
    const counts = acknowledgedAt !== undefined && ended.get(alert.id) !== acknowledgedAt && at - acknowledgedAt < GOOD;
    return {
      ...alert,
      acknowledged: counts ? {by: mark?.acknowledgedBy, at: acknowledgedAt, note: mark?.note} : undefined,
      mutedUntil: mute?.mutedUntil,
      mutedBy: mute?.mutedBy,
    };
  });
}

const UNMARKED = {acknowledged: undefined, mutedUntil: undefined, mutedBy: undefined} as const;
