import {describe, expect, it} from 'vitest';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {isoMicros} from '../../src/core/time.ts';
import type {Effect} from '../../src/input/effect.ts';
import type {State} from '../../src/model/state.ts';
import {VIEWS} from '../../src/model/views.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {ALERTS, alert, BACKENDS, backend, NOW, ok, PLAN, stateOf} from '../helpers/state/screen.ts';

const screen = {at: NOW, columns: 120, rows: 40};

/** The State after these keys, and what they asked for. */
function keyed(start: State, ...keys: readonly string[]): {readonly state: State; readonly effects: readonly Effect[]} {
  let state = start;
  const effects: Effect[] = [];
  for (const key of keys) {
    const {ui = state.ui, effects: more} = handleScreenKey(state, key, screen);
    state = {...state, ui};
    effects.push(...more);
  }
  return {state, effects};
}

const at = (focus: string, change: Parameters<typeof stateOf>[0] = {}) =>
  stateOf({about: {views: VIEWS}, ...change, ui: {view: 'Database', focus, ...change.ui}});
const sessions = (...pids: readonly number[]) => ({
  kind: 'sessions',
  sessions: pids.map(pid => {
    const row = BACKENDS.find(backend => backend.pid === pid);
    return {pid, backendStart: isoMicros(row?.backendStart ?? 0)};
  }),
});
const planned = (actionId: string, ...pids: readonly number[]) => [
  {
    kind: 'plan',
    actionId,
    target: sessions(...pids),
    name: pids.length === 1 ? `pid ${pids[0]}` : `${pids.length} sessions`,
  },
];

describe('K and C', () => {
  it('plan the end of the selected session, or of its statement', () => {
    expect(keyed(at('sessions'), 'K').effects).toMatchObject(planned('terminate', 4077));
    expect(keyed(at('sessions'), 'C').effects).toMatchObject(planned('cancel', 4077));
  });

  it('offer the root where the session waits, with how many wait for it', () => {
    const waiter = keyed(at('sessions'), 'down', 'down', 'K');
    expect(waiter.effects).toEqual([]);
    const lines = drawApp(waiter.state, 120, 40).split('\n');
    const top = lines.findIndex(line => line.includes('End session: of what?'));
    expect(lines.slice(top + 2, top + 4).map(line => line.match(/│ ([▸ ] pid.*?)\s+│/)?.[1])).toEqual([
      '▸ pid 4133 (risk_management)',
      '  pid 4077 (analytics): the root, for which 2 sessions wait',
    ]);
    expect(keyed(waiter.state, 'r', 'o', 'o', 't', 'enter').effects).toMatchObject(planned('terminate', 4077));
    expect(keyed(waiter.state, 'x', 'backspace', 'enter').effects).toMatchObject(planned('terminate', 4133));
    expect(keyed(waiter.state, 'enter').effects).toMatchObject(planned('terminate', 4133));
    expect(keyed(waiter.state, 'down', 'enter').effects).toMatchObject(planned('terminate', 4077));
  });

  it('lead from an alert to its sessions, and offer them all', () => {
    const where = {service: 'leaky', state: 'idle'};
    const leaky = {service: sanitise('leaky'), state: sanitise('idle')};
    const idle = [backend(5001, leaky), backend(5002, leaky), backend(5003, {...leaky, state: sanitise('active')})];
    const full = alert({id: 'sessions_full', text: 'full', row: {pane: 'sessions', where}});
    const alerted = at('alerts', {alerts: [full], samples: {backends: ok([...BACKENDS, ...idle])}});
    expect(keyed(alerted, 'K').state.ui.note?.text).toBe('go on to its sessions by →, and choose there');
    const {overlay} = keyed(alerted, 'right', 'K').state.ui;
    expect(overlay?.kind === 'chooser' && overlay.scopes?.at(-1)?.text).toBe('all 2 sessions that the filter shows');
  });

  it('offer all that a filter shows', () => {
    const filtered = at('sessions', {
      ui: {panes: {sessions: {selected: undefined, filter: 'svc_', sort: undefined, reverse: false}}},
    });
    const shown = keyed(filtered, 'C');
    expect(keyed(shown.state, 'down', 'enter').effects).toMatchObject([{target: {kind: 'sessions'}}]);
    const overlay = shown.state.ui.overlay;
    expect(overlay?.kind === 'chooser' && overlay.scopes?.map(({text}) => text)).toEqual([
      'pid 4077 (analytics)',
      'all 5 sessions that the filter shows',
    ]);
  });

  it('take the session of a running query, and that of an alert, also while no pane reads the sessions', () => {
    expect(keyed(at('slow_queries', {ui: {view: 'Main'}}), 'K', 'enter').effects).toMatchObject(
      planned('terminate', 4121),
    );
    const [root] = BACKENDS;
    const blocked = alert({id: 'blocked:x', text: 'blocked', row: {pane: 'sessions', key: root?.key ?? ''}});
    const samples = {backends: {...stateOf().samples.backends, rows: []}};
    const alerted = at('alerts', {alerts: [blocked], samples, ui: {view: 'Main'}});
    expect(keyed(alerted, 'K').effects).toMatchObject(planned('terminate', 4077));
  });

  it('say why they do nothing', () => {
    const noteOf = ({state}: {state: State}) => state.ui.note?.text;
    expect(noteOf(keyed(at('trades'), 'K'))).toBe(
      'K end session: select a session in Sessions, Slow queries or Alerts',
    );
    expect(noteOf(keyed(at('alerts', {alerts: ALERTS}), 'K'))).toBe('this row has no session that could be signalled');
    expect(noteOf(keyed(at('sessions', {ui: {readOnly: true}}), 'C'))).toMatch(/^C cancel: read-only/);
  });
});

describe('an action without a key', () => {
  const chosen = (state: State) => keyed(state, ':', ...'drop-slot', 'enter');

  it('is found in the palette, and takes the slot of the row or of the alert', () => {
    const [slot] = stateOf().samples.slots.rows;
    const alerted = alert({id: 'slot_unused:x', text: 'unused', row: {pane: 'server', key: `slot ${slot?.name}`}});
    const wanted = [{kind: 'plan', actionId: 'drop-slot', target: {kind: 'slot', name: slot?.name}}];
    expect(chosen(at('alerts', {alerts: [alerted]})).effects).toMatchObject(wanted);
    const filter = {selected: undefined, filter: 'Slot', sort: undefined, reverse: false};
    expect(chosen(at('server', {ui: {panes: {server: filter}}})).effects).toMatchObject(wanted);
  });

  it('says why it does nothing', () => {
    const noteOf = ({state}: {state: State}) => state.ui.note?.text;
    expect(noteOf(chosen(at('trades')))).toBe('Drop replication slot: select a slot in Server or Alerts');
    expect(noteOf(chosen(at('alerts', {alerts: ALERTS})))).toBe('this row is no replication slot');
    expect(noteOf(chosen(at('server', {ui: {readOnly: true}})))).toMatch(/^Drop replication slot: read-only/);
  });
});

describe('a plan that asks for the name', () => {
  const target = {kind: 'sessions', sessions: [{pid: 7, backendStart: isoMicros(NOW)}]} as const;
  const plan = {...PLAN, actionId: 'terminate', target, typed: true};
  const confirm = {...plan, phase: 'confirm', plan, progress: undefined, outcome: undefined, since: NOW - 1e6} as const;

  it('is not run by y, in any environment', () => {
    const state = at('sessions', {acting: confirm, ui: {overlay: {kind: 'act', focus: 'cancel', typed: ''}}});
    expect(keyed(state, 'y').effects).toEqual([]);
    const typed = keyed(state, ...plan.targetName, 'tab', 'enter');
    expect(typed.effects).toEqual([{kind: 'confirm'}]);
  });
});
