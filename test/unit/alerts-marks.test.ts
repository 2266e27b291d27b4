import {describe, expect, it} from 'vitest';
import {NOTHING_WATCHED, watchAlerts} from '../../src/alerts/alerts.ts';
import type {AlertRule} from '../../src/alerts/rule.ts';
import {wantingAttention} from '../../src/alerts/wanting.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {AlertMarkRow} from '../../src/monitor/alert-marks.ts';
import {NOW, ok, stateOf} from '../helpers/state/screen.ts';

const S = 1_000_000;
const mark = (alert: string, change: Partial<AlertMarkRow>): AlertMarkRow => ({
  alert: sanitise(alert),
  acknowledgedAt: undefined,
  acknowledgedBy: undefined,
  note: undefined,
  mutedBy: undefined,
  mutedUntil: undefined,
  ...change,
});
const taken = (at: number) => mark('rule:a', {acknowledgedAt: at, acknowledgedBy: sanitise('ann from desk-1')});
const rule = (subjects: readonly string[], since?: number): AlertRule => ({
  id: 'rule',
  when: 'something is wrong',
  needs: [],
  owner: 'database',
  todo: 'Look at it.',
  find: () => subjects.map(subject => ({subject, severity: 'warn', text: subject, since})),
});

type Moment = {
  readonly at: number;
  readonly subjects: readonly string[];
  readonly marks?: readonly AlertMarkRow[];
  readonly since?: number;
};

/** The alerts after each moment: its subjects, its marks, and its seconds from the start. */
function watched(...moments: readonly Moment[]) {
  let watch = NOTHING_WATCHED;
  return moments.map(({at, subjects, marks = [], since}) => {
    const state = {...stateOf({samples: {alert_marks: ok(marks)}}), at: NOW + at * S};
    watch = watchAlerts(state, watch, {rules: [rule(subjects, since)]});
    return watch.alerts;
  });
}
const isTaken = (...moments: readonly Moment[]) =>
  watched(...moments).map(alerts => alerts[0]?.acknowledged !== undefined);

describe('an acknowledged alert', () => {
  it('stays, counted, behind the others of its severity', () => {
    const [alerts = []] = watched({at: 0, subjects: ['a', 'b'], marks: [taken(NOW)]});
    expect(alerts.map(a => [a.subject, a.acknowledged?.by])).toEqual([
      ['b', undefined],
      ['a', 'ann from desk-1'],
    ]);
    expect(wantingAttention(alerts)).toHaveLength(2);
  });

  it('is a new one when it has ended and begins again, until somebody takes it on again', () => {
    const marks = [taken(NOW)];
    expect(
      isTaken(
        {at: 1, subjects: ['a'], marks},
        {at: 2, subjects: [], marks},
        {at: 3, subjects: ['a'], marks},
        {at: 4, subjects: ['a'], marks: [taken(NOW + 4 * S)]},
      ),
    ).toEqual([true, false, false, true]);
  });

  it('is the same for a console that starts later, unless it began after it was taken on', () => {
    expect(isTaken({at: 900, subjects: ['a'], marks: [taken(NOW)]})).toEqual([true]);
    expect(isTaken({at: 900, subjects: ['a'], marks: [taken(NOW)], since: NOW - 9 * S})).toEqual([true]);
    expect(isTaken({at: 900, subjects: ['a'], marks: [taken(NOW)], since: NOW + 60 * S})).toEqual([false]);
  });

  it('wants attention again after a day', () => {
    expect(isTaken({at: 86_399, subjects: ['a'], marks: [taken(NOW)]})).toEqual([true]);
    expect(isTaken({at: 86_400, subjects: ['a'], marks: [taken(NOW)]})).toEqual([false]);
  });
});

describe('a muted alert', () => {
  it('is not counted, comes last, and comes back', () => {
    const marks = [mark('rule:a', {mutedUntil: NOW + 60 * S})];
    const [muted = [], back = []] = watched(
      {at: 59, subjects: ['a', 'b'], marks},
      {at: 60, subjects: ['a', 'b'], marks},
    );
    expect(muted.map(a => [a.subject, a.mutedUntil])).toEqual([
      ['b', undefined],
      ['a', NOW + 60 * S],
    ]);
    expect(wantingAttention(muted).map(a => a.subject)).toEqual(['b']);
    expect(wantingAttention(back).map(a => a.subject)).toEqual(['a', 'b']);
  });

  it('can be all of a rule', () => {
    const [alerts = []] = watched({at: 0, subjects: ['a', 'b'], marks: [mark('rule', {mutedUntil: NOW + S})]});
    expect(wantingAttention(alerts)).toEqual([]);
    expect(alerts).toHaveLength(2);
  });
});
