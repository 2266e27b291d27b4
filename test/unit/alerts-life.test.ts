import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type AlertWatch, NOTHING_WATCHED, watchAlerts} from '../../src/alerts/alerts.ts';
import {inOrder} from '../../src/alerts/order.ts';
import {type AlertFinding, type AlertRule, measured} from '../../src/alerts/rule.ts';
import {wantingAttention} from '../../src/alerts/wanting.ts';
import type {AlertLimits, State} from '../../src/model/state.ts';
import type {SessionsRow} from '../../src/monitor/sessions.ts';
import {alert} from '../helpers/state/screen.ts';
import {good, NOW, stateOf} from '../helpers/state/state.ts';

const rule = (change: Partial<AlertRule>): AlertRule => ({
  id: 'rule',
  when: 'something is wrong',
  needs: ['sessions'],
  owner: 'database',
  todo: 'Look at it.',
  find: () => [],
  ...change,
});

/** A moment: what the rule would find, and whether its source can be read. */
type Moment = {readonly value: number; readonly read: boolean; readonly seconds: number};

/** The watch after each moment, of a rule with one value. */
function lifeOf(moments: readonly Moment[], limits: AlertLimits): readonly AlertWatch[] {
  let at = NOW;
  let watch = NOTHING_WATCHED;
  return moments.map(({value, read, seconds}) => {
    at += seconds * 1e6;
    const sessions = read ? good<SessionsRow>() : ({...good<SessionsRow>(), state: 'down', failingSince: at} as const);
    const state: State = {...stateOf({sessions}), at};
    watch = watchAlerts(state, watch, {rules: [rule({limits, find: () => measured(value, {text: `${value}`})})]});
    return watch;
  });
}

const moment = fc.record({
  value: fc.integer({min: 0, max: 20}),
  read: fc.boolean(),
  seconds: fc.integer({min: 1, max: 20}),
});
const moments = fc.array(moment, {minLength: 1, maxLength: 40});
const standing = (watch: AlertWatch | undefined) => watch?.alerts[0];

describe('the life of an alert', () => {
  it('never ends, changes or begins by data that is missing, and says since when it is unknown', () => {
    fc.assert(
      fc.property(moments, all => {
        const life = lifeOf(all, {warn: 5, crit: 15, clear: 3});
        all.forEach(({read}, i) => {
          const [before, now] = [standing(life[i - 1]), standing(life[i])];
          if (read) {
            expect(now?.unknownSince).toBeUndefined();
            return;
          }
          expect(now?.id).toBe(before?.id);
          expect(now).toEqual(before && {...before, unknownSince: now?.unknownSince});
          expect(now === undefined || (now.unknownSince ?? 0) >= now.lastSeen).toBe(true);
          expect(life[i]?.unread).toEqual(['sessions']);
        });
      }),
    );
  });

  it('begins over its limit, and ends under the one at which it ends', () => {
    fc.assert(
      fc.property(moments, all => {
        let expected: string | undefined;
        lifeOf(
          all.map(one => ({...one, read: true})),
          {warn: 5, crit: 15, clear: 3},
        ).forEach((watch, i) => {
          const value = all[i]?.value ?? 0;
          // From crit to warn at 15 × 3 / 5.
          const [crit, warn] = [expected === 'crit' ? 9 : 15, expected === undefined ? 5 : 3];
          expected = value > crit ? 'crit' : value > warn ? 'warn' : undefined;
          expect(standing(watch)?.severity).toBe(expected);
        });
      }),
    );
  });

  it('stays an effect for ten seconds after its cause has ended, and is an alert of its own then', () => {
    const seen = (cause: boolean, before: AlertWatch, at: number) =>
      watchAlerts({...stateOf({sessions: good()}), at: NOW + at * 1e6}, before, {
        rules: [
          rule({id: 'cause', find: () => (cause ? [{severity: 'crit', text: 'cause'}] : [])}),
          rule({id: 'effect', find: () => [{severity: 'warn', text: 'effect', ...(cause && {causedBy: 'cause'})}]}),
          rule({id: 'other', find: () => [{severity: 'warn', text: 'other', causedBy: 'nothing'}]}),
        ],
      });
    const wanted = ({alerts}: AlertWatch) => wantingAttention(alerts).map(({id}) => id);
    const first = seen(true, NOTHING_WATCHED, 0);
    expect(wanted(first)).toEqual(['cause', 'other']);
    const second = seen(false, first, 9);
    expect(second.alerts.map(({id, causedBy}) => [id, causedBy])).toEqual([
      ['other', undefined],
      ['effect', 'cause'],
    ]);
    expect(wanted(seen(true, second, 9.5))).toEqual(['cause', 'other']);
    expect(wanted(seen(false, second, 11)).toSorted()).toEqual(['effect', 'other']);
  });

  it('begins when it has lasted as long as its rule says, without a break', () => {
    fc.assert(
      fc.property(moments, all => {
        const read = all.map(one => ({...one, read: true}));
        let [at, since] = [NOW, Number.POSITIVE_INFINITY];
        lifeOf(read, {warn: 5, forSeconds: 30}).forEach((watch, i) => {
          at += (read[i]?.seconds ?? 0) * 1e6;
          since = (read[i]?.value ?? 0) > 5 ? Math.min(since, at) : Number.POSITIVE_INFINITY;
          expect(standing(watch)?.since).toBe(at - since >= 30e6 ? since : undefined);
        });
      }),
    );
  });

  it('counts how often it began, and keeps its start', () => {
    const life = lifeOf(
      [9, 8, 0, 7].map(value => ({value, read: true, seconds: 1})),
      {warn: 5},
    );
    expect(life.map(standing).map(a => a && [a.count, a.since - NOW, a.lastSeen - NOW, a.text])).toEqual([
      [1, 1e6, 1e6, '9'],
      [1, 1e6, 2e6, '8'],
      undefined,
      [2, 4e6, 4e6, '7'],
    ]);
  });

  it('judges by values that are bad when they are low', () => {
    const life = lifeOf(
      [90, 79, 85, 40, 55, 65, 91].map(value => ({value, read: true, seconds: 1})),
      {warn: 80, crit: 50, clear: 90, worse: 'under'},
    );
    expect(life.map(watch => standing(watch)?.severity)).toEqual([
      undefined,
      'warn',
      'warn',
      'crit',
      'crit',
      'warn',
      undefined,
    ]);
  });

  it('keeps one alert of a subject that a rule finds twice', () => {
    const twice: AlertFinding = {subject: 'a', severity: 'warn', text: 'x'};
    const {alerts} = watchAlerts(stateOf({sessions: good()}), NOTHING_WATCHED, {
      rules: [rule({find: () => [twice, twice]})],
    });
    expect(alerts.map(a => a.id)).toEqual(['rule:a']);
  });

  it('becomes an effect of what hides its source', () => {
    const locks = rule({id: 'locks', find: () => [{severity: 'crit', text: 'locks'}]});
    const down = (is: boolean) =>
      rule({
        id: 'down',
        needs: [],
        find: () => (is ? [{severity: 'warn', text: 'down', hides: ['sessions'] as const}] : []),
      });
    const first = watchAlerts(stateOf({sessions: good()}), NOTHING_WATCHED, {rules: [locks, down(false)]});
    const failing = {...good<SessionsRow>(), state: 'down', failingSince: NOW} as const;
    const second = watchAlerts(stateOf({sessions: failing}), first, {rules: [locks, down(true)]});
    expect(second.alerts.map(a => [a.id, a.causedBy])).toEqual([
      ['down', undefined],
      ['locks', 'down'],
    ]);
    expect(wantingAttention(second.alerts).map(a => a.id)).toEqual(['down']);
  });
});

describe('the order of alerts', () => {
  const some = fc.uniqueArray(fc.integer({min: 0, max: 9}), {maxLength: 10}).chain(ids =>
    fc.tuple(
      ...ids.map(n =>
        fc
          .record({
            severity: fc.constantFrom('warn' as const, 'crit' as const),
            cause: fc.option(fc.integer({min: 0, max: 9}), {nil: undefined}),
            seconds: fc.integer({min: 0, max: 3}),
          })
          .map(({severity, cause, seconds}) =>
            alert({
              id: `a${n}`,
              text: 'x',
              severity,
              causedBy: cause === undefined ? undefined : `a${cause}`,
              since: NOW + seconds,
            }),
          ),
      ),
    ),
  );

  it('loses none, and puts each effect behind its cause, whatever causes what', () => {
    fc.assert(
      fc.property(some, alerts => {
        const ordered = inOrder(alerts);
        expect(ordered.map(a => a.id).toSorted()).toEqual(alerts.map(a => a.id).toSorted());
        ordered.forEach((one, i) => {
          if (one.causedBy === undefined) return;
          const cause = ordered.slice(0, i).find(a => a.id === one.causedBy);
          expect(cause?.causedBy).toBeUndefined();
          expect(cause).toBeDefined();
        });
        expect(alerts.length === 0 || wantingAttention(ordered).length > 0).toBe(true);
      }),
    );
  });

  it('puts the worst first by a cause and its effects, then the oldest', () => {
    const ordered = inOrder([
      alert({id: 'new', text: 'x', since: NOW + 1}),
      alert({id: 'old', text: 'x', since: NOW}),
      alert({id: 'effect', text: 'x', severity: 'crit', causedBy: 'root'}),
      alert({id: 'root', text: 'x', since: NOW + 9}),
    ]);
    expect(ordered.map(a => a.id)).toEqual(['root', 'effect', 'old', 'new']);
  });
});
