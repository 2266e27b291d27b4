import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {VIEWS} from '../../src/model/views.ts';
import {drawPane} from '../helpers/state/draw.ts';
import {alert, NOW, stateOf} from '../helpers/state/screen.ts';

const S = 1_000_000;
const root = alert({
  id: 'blocked:4077/1',
  text: 'pid 4077 (analytics) blocks 5 others for 1m30s: idle in transaction for 3m',
  severity: 'crit',
  since: NOW - 90 * S,
  todo: sanitise('End the session that blocks by K.'),
  row: {pane: 'sessions', key: '4077/1'},
});
const ALL = [
  root,
  alert({id: 'long:4121/1', text: 'strategy_engine has run for 1m25s', causedBy: root.id, since: NOW - 85 * S}),
  alert({
    id: 'redis_memory',
    text: 'Redis uses 92 % of its memory limit',
    owner: 'platform',
    since: NOW - 4000 * S,
    acknowledged: {by: sanitise('ann from desk-1'), at: NOW - 60 * S, note: sanitise('asked for more')},
    unknownSince: NOW - 30 * S,
  }),
  alert({id: 'redis_slow', text: 'Redis logged a slow command', mutedUntil: NOW + 2400 * S, mutedBy: sanitise('bob')}),
];
const state = stateOf({alerts: ALL, ui: {focus: 'alerts'}});
const keyed = (key: string, from = state) => handleScreenKey(from, key, {at: NOW, columns: 120, rows: 34});

describe('the alerts pane', () => {
  it('shows causes before effects, what is unknown, and what operators said', () => {
    expect(drawPane('alerts', state, 120, 8, true)).toMatchInlineSnapshot(`
      "╭─ Alerts ──────────────────────────────────────────────────────────────────────────────────── ✖ 2 alerts, 1 critical ─╮
      │    SINCE ALERT        WHAT                                                                                 ACK       │
      │▸✖  1m30s blocked      pid 4077 (analytics) blocks 5 others for 1m30s: idle in transaction for 3m                     │
      │ ▲  1m25s long         └ strategy_engine has run for 1m25s                                                            │
      │ ▲   1h6m redis_memory Redis uses 92 % of its memory limit (unknown since 12:04:01Z)                        ack ann   │
      │ ▲     0s redis_slow   Redis logged a slow command                                                          muted 40m │
      │                                                                                                                      │
      ╰─ effects 1 · acknowledged 1 · muted 1 ───────────────────────────────────────────────────────────────────────────────╯"
    `);
  });

  it('has room for the sentence on a small terminal', () => {
    expect(drawPane('alerts', state, 80, 7)).toMatchInlineSnapshot(`
      "╭─ Alerts ──────────────────────────────────────────── ✖ 2 alerts, 1 critical ─╮
      │    SINCE WHAT                                                                │
      │ ✖  1m30s pid 4077 (analytics) blocks 5 others for 1m30s: idle in transactio… │
      │ ▲  1m25s └ strategy_engine has run for 1m25s                                 │
      │ ▲   1h6m Redis uses 92 % of its memory limit (unknown since 12:04:01Z)       │
      │ ▲     0s Redis logged a slow command                                         │
      ╰─ effects 1 · acknowledged 1 · muted 1 ───────────────────────────────────────╯"
    `);
  });

  it('says what is not read, and not that there are no alerts', () => {
    expect(drawPane('alerts', stateOf({unread: ['sync', 'bus']}), 80, 5)).toMatchInlineSnapshot(`
      "╭─ Alerts ─────────────────────────────────────────────── not read: sync, bus ─╮
      │ ▲ not read, so that nothing is known of it: sync, bus                        │
      │ no alerts                                                                    │
      │                                                                              │
      ╰─ effects 0 · acknowledged 0 · muted 0 ───────────────────────────────────────╯"
    `);
  });

  it('leads to the row that shows it, and nowhere where there is none', () => {
    expect(paneOf('alerts').leads(state, root.id)).toMatchObject([{pane: 'sessions', key: '4077/1'}]);
    expect(paneOf('alerts').leads(state, 'redis_slow')).toEqual([]);
  });

  it('is opened by !, and has its alerts acknowledged and muted by a and m', () => {
    expect(keyed('!', stateOf({about: {views: VIEWS}})).ui).toMatchObject({focus: 'alerts'});
    const target = {kind: 'rows', schema: 'shared', name: 'alert_marks', keys: [root.id]};
    expect(keyed('a').effects).toMatchObject([{kind: 'plan', actionId: 'acknowledge-alert', target}]);
    expect(keyed('m').effects).toMatchObject([{kind: 'plan', actionId: 'mute-alert', target}]);
    expect(keyed('a', stateOf()).ui?.note?.text).toContain('go to the alerts by !');
    expect(keyed('a', stateOf({ui: {focus: 'alerts', readOnly: true}})).ui?.note?.text).toContain('read-only');
    expect(keyed('m', stateOf({ui: {focus: 'alerts'}})).ui?.note?.text).toBe('m mute: there is no alert');
  });
});
