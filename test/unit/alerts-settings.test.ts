import {describe, expect, it} from 'vitest';
import {watchAlerts} from '../../src/alerts/alerts.ts';
import {healthRows} from '../../src/alerts/health.ts';
import {limitText} from '../../src/alerts/limits.ts';
import {checkedAlerts, limitsInForce} from '../../src/alerts/settings.ts';
import type {AlertSettings} from '../../src/model/state.ts';
import type {Held} from '../../src/monitor/sample.ts';
import type {AlertLimitsRow} from '../../src/monitor/system-settings.ts';
import {createJudge} from '../../src/store/judge.ts';
import {waitingSamples} from '../../src/store/samples.ts';
import {blocker, ok, SAMPLES, stateOf} from '../helpers/state/screen.ts';

const textOf = (settings: AlertSettings, rule: string) => limitText(limitsInForce(settings, []).byRule.get(rule));

/** What the file and the database come to: the rule's limits, or what is wrong. */
const together = (file: AlertSettings, value: unknown, rule = 'blocked') => {
  const {byRule, wrong} = limitsInForce(file, [{value}]);
  return [limitText(byRule.get(rule)), ...wrong];
};

describe('the limits of the config file', () => {
  it('take the place of the rule’s own, in its unit or with one', () => {
    expect(textOf({blocked: {warn: '2m', crit: 600, for: '10s'}}, 'blocked')).toBe('warn 2m, crit 10m, after 10s');
    expect(textOf({sessions_full: {warn: '80 %'}}, 'sessions_full')).toBe('warn 80 %, crit 97 %');
    expect(textOf({redis_buffers: {warn: '2 MB'}}, 'redis_buffers')).toBe('warn 2.0 MB, crit 24.0 MB');
    expect(textOf({sync_silent: {for: 30}}, 'sync_silent')).toBe('after 30s');
  });

  it.each([
    [{blockd: {}}, "The config file's alerts name blockd, which is no rule."],
    [{nothing_like_it: {}}, "The config file's alerts name nothing_like_it, which is no rule"],
    [{blocked: {warn: 'soon'}}, 'alerts.blocked.warn is "soon"; it must be a number of seconds'],
    [{blocked: {warn: '5 %'}}, 'alerts.blocked.warn is "5 %"; it must be a number of seconds'],
    [{blocked: {warn: -1}}, 'alerts.blocked.warn is -1; it must be a number of seconds'],
    [{blocked: {warn: 90}}, 'alerts.blocked: crit must not be below warn.'],
    [{blocked: {clear: 6}}, 'alerts.blocked: clear must not be above warn.'],
    [{sessions_full: {warn: 90}}, 'alerts.sessions_full.warn is 90; it must be a number from 0 to 1'],
    [{pg_down: {warn: 1}}, 'alerts.pg_down has no warn: the rule judges no value.'],
  ])('say what is wrong with %j', (settings, sentence) => {
    expect(() => checkedAlerts(settings)).toThrow(sentence);
  });

  it('are those that alerts and Connection health are judged by, and a rule can be off', () => {
    const having = (settings: AlertSettings) =>
      stateOf({
        limits: limitsInForce(settings, []),
        samples: {
          blockers: ok([blocker({seconds: 8})]),
          sessions: ok(SAMPLES.sessions.rows.map(row => ({...row, blockedSeconds: 8}))),
        },
      });
    const judged = (settings: AlertSettings) => {
      const state = having(settings);
      return [
        watchAlerts(state).alerts.find(({rule}) => rule === 'blocked')?.severity,
        healthRows(state).find(row => row.kind === 'service')?.severity,
      ];
    };
    expect(judged({})).toEqual(['warn', 'warn']);
    expect(judged({blocked: {warn: 10}})).toEqual([undefined, 'ok']);
    expect(judged({blocked: {crit: 6}})).toEqual(['crit', 'crit']);
    expect(judged({blocked: {off: true}})).toEqual([undefined, 'warn']);
  });
});

describe('the limits of the database', () => {
  it('lie under those of the config file, rule by rule and field by field, and over the rule’s own', () => {
    expect(together({}, {blocked: {warn: '10s'}})).toEqual(['warn 10s, crit 1m']);
    expect(together({blocked: {warn: '7s'}}, {blocked: {warn: '10s', crit: '2m', for: 3}})).toEqual([
      'warn 7s, crit 2m, after 3s',
    ]);
    expect(limitsInForce({blocked: {off: false}}, [{value: {blocked: {off: true}}}]).byRule.get('blocked')?.off).toBe(
      false,
    );
    const {from} = limitsInForce({blocked: {warn: 7}}, [{value: {blocked: {warn: 8, crit: 90}}}]);
    expect(Object.fromEntries(from.get('blocked') ?? [])).toEqual({warn: 'config file', crit: 'database'});
  });

  it.each([
    ['text', 'alerts.limits is "text"; it must be an object such as {"blocked": {"warn": "10s"}}, or {} for none'],
    [null, 'alerts.limits is null; it must be an object'],
    [[1], 'alerts.limits is a list; it must be an object'],
    [undefined, 'alerts.limits is too long to be read; it must be an object'],
    [{blockd: {}}, 'alerts.limits names blockd, which is no rule. Did you mean blocked?'],
    [{blocked: 5}, 'alerts.limits: blocked is 5; it must be an object'],
    [{blocked: {wran: 5}}, 'alerts.limits: blocked has wran; it can have warn, crit, clear, for, off'],
    [{blocked: {warn: -1}}, 'alerts.limits: blocked.warn is -1; it must be a number of seconds from 0 to 31536000'],
    [{blocked: {warn: 1e300}}, 'blocked.warn is 1e+300; it must be a number of seconds from 0 to 31536000'],
    [{blocked: {warn: 'NaN'}}, 'blocked.warn is "NaN"; it must be a number of seconds'],
    [{blocked: {warn: Number.POSITIVE_INFINITY}}, 'blocked.warn is null; it must be a number of seconds'],
    [{blocked: {warn: {}}}, 'blocked.warn is an object; it must be a number of seconds'],
    [{blocked: {warn: null}}, 'blocked.warn is null; it must be'],
    [{blocked: {off: 'yes'}}, 'blocked.off is "yes"; it must be true or false'],
    [{blocked: {warn: 90}}, 'alerts.limits: blocked: crit must not be below warn'],
    [{pg_down: {warn: 1}}, 'alerts.limits: pg_down has no warn: the rule judges no value'],
    [JSON.parse('{"__proto__": {"warn": 1}}'), 'alerts.limits names __proto__, which is no rule'],
    [{constructor: {warn: 1}}, 'alerts.limits names constructor, which is no rule'],
    [{'\u001b[31mx': {}}, 'alerts.limits names '],
  ])('say what is wrong with %j, and leave it out', (value, sentence) => {
    const [text, ...wrong] = together({}, value);
    expect(text).toBe('');
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toContain(sentence);
    expect(wrong[0]).not.toContain('\u001b');
  });

  it('count for the rest where one field is wrong, and give way to the file where both together make no sense', () => {
    expect(together({}, {blocked: {warn: 'soon', crit: '2m'}})[0]).toBe('warn 5s, crit 2m');
    expect(together({blocked: {crit: 20}}, {blocked: {warn: 30}, idle_tx: {warn: 30}})).toEqual([
      'warn 5s, crit 20s',
      "alerts.limits: blocked: crit must not be below warn, as the rule's limits come together",
    ]);
    expect(together({}, {blocked: {warn: 90}, idle_tx: {warn: 30}}, 'idle_tx')[0]).toBe('warn 30s, crit 5m');
  });

  it('raise an alert that names the key and what is allowed, and rules wait until they were asked for', () => {
    const wrong = limitsInForce({}, [{value: {blocked: {warn: 'soon'}, idle_tx: 1}}]);
    const told = watchAlerts(stateOf({limits: wrong})).alerts.find(({rule}) => rule === 'alert_limits');
    expect(told?.text).toContain('alerts.limits: blocked.warn is "soon"; it must be a number of seconds');
    expect(told?.text).toContain('(and 1 more)');
    const early = {blockers: ok([blocker({seconds: 8})]), alert_limits: waitingSamples().alert_limits};
    expect(watchAlerts(stateOf({samples: early})).alerts.filter(({rule}) => rule === 'blocked')).toEqual([]);
  });

  it('take effect in a running console as soon as they are read, and stand while they cannot be', () => {
    const seconds = () => ({...stateOf(), samples: {...stateOf().samples, blockers: ok([blocker({seconds: 8})])}});
    const judge = createJudge();
    const blocked = (held: Held<AlertLimitsRow>) =>
      judge
        .judged({...seconds(), samples: {...seconds().samples, alert_limits: held}})
        .alerts.find(({rule}) => rule === 'blocked')?.severity;
    expect(blocked(ok([]))).toBe('warn');
    const off = ok([{value: {blocked: {warn: 10, clear: 9}}}]);
    expect(blocked(off)).toBeUndefined();
    expect(blocked({...off, state: 'denied'})).toBeUndefined();
    expect(blocked(ok([]))).toBe('warn');
  });
});
