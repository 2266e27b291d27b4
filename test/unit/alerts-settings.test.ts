import {describe, expect, it} from 'vitest';
import {watchAlerts} from '../../src/alerts/alerts.ts';
import {healthRows} from '../../src/alerts/health.ts';
import {limitText} from '../../src/alerts/limits.ts';
import {configuredLimits} from '../../src/alerts/settings.ts';
import {blocker, ok, SAMPLES, stateOf} from '../helpers/state/screen.ts';

const textOf = (settings: Parameters<typeof configuredLimits>[0], rule: string) =>
  limitText(configuredLimits(settings).get(rule));

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
    [{pg_down: {warn: 1}}, 'alerts.pg_down has no warn: the rule judges no value.'],
  ])('say what is wrong with %j', (settings, sentence) => {
    expect(() => configuredLimits(settings)).toThrow(sentence);
  });

  it('are those that alerts and Connection health are judged by, and a rule can be off', () => {
    const having = (settings: Parameters<typeof configuredLimits>[0]) =>
      stateOf({
        about: {limits: configuredLimits(settings)},
        samples: {
          blockers: ok([blocker({seconds: 8})]),
          sessions: ok(SAMPLES.sessions.rows.map(row => ({...row, blockedSeconds: 8}))),
        },
      });
    const judged = (settings: Parameters<typeof configuredLimits>[0]) => {
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
