import {describe, expect, it} from 'vitest';
import {samplesShown} from '../../components/shown.ts';
import {handleScreenKey} from '../../components/viewport.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {Effect} from '../../src/input/effect.ts';
import type {State} from '../../src/model/state.ts';
import {VIEWS} from '../../src/model/views.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {
  alert,
  DENIED,
  failing,
  NOW,
  ok,
  positionLimit,
  rates,
  riskEvent,
  riskLimit,
  setAside,
  stateOf,
  syncRow,
  waiting,
} from '../helpers/state/screen.ts';

/** The State after these keys, and what they asked for. */
function keyed(start: State, ...keys: readonly string[]): {readonly state: State; readonly effects: readonly Effect[]} {
  let state = start;
  const effects: Effect[] = [];
  for (const key of keys) {
    const {ui = state.ui, effects: more} = handleScreenKey(state, key, {at: NOW, columns: 120, rows: 40});
    state = {...state, ui};
    effects.push(...more);
  }
  return {state, effects};
}

const at = (focus: string, change: Parameters<typeof stateOf>[0] = {}) =>
  stateOf({about: {views: VIEWS}, ...change, ui: {view: 'Main', focus, ...change.ui}});
const noteOf = ({state}: {state: State}) => state.ui.note?.text;
const limit = riskLimit({id: '4', strategy: 'momentum'} as Parameters<typeof riskLimit>[0]);
const risk = (change: Parameters<typeof stateOf>[0] = {}) =>
  at('risk', {samples: {risk_limits: ok([limit]), risk_events: ok([])}, ...change});
const limitRow = {kind: 'rows', schema: 'risk_management', name: 'risk_limits'};

describe('S on a risk limit', () => {
  it('opens a form with what the limit is, and plans what was changed', () => {
    const form = keyed(risk(), 'S');
    expect(form.state.ui.overlay).toMatchObject({kind: 'form', row: '4', values: {enabled: 'yes'}});
    expect(keyed(form.state, 'enter')).toMatchObject({effects: [], state: {ui: {note: {text: 'nothing is changed'}}}});
    const {effects} = keyed(form.state, 'ctrl-u', ...'2500', 'enter');
    expect(effects).toMatchObject([
      {kind: 'plan', actionId: 'set-limit', target: {...limitRow, keys: ['4']}, options: {edit: {limit: '2500'}}},
    ]);
    const off = keyed(form.state, 'up', 'ctrl-u', ...'no', 'enter').effects;
    expect(off).toMatchObject([{options: {edit: {enabled: false}}}]);
    expect(noteOf(keyed(form.state, 'up', 'ctrl-u', 'x', 'enter'))).toBe('enabled is yes or no');
  });

  it('is led to by the alert on it, and says where it works', () => {
    const breach = alert({id: 'risk_breach:4', text: 'breached', row: {pane: 'risk', key: 'limit 4'}});
    const alerted = at('alerts', {alerts: [breach], samples: {risk_limits: ok([limit])}});
    expect(keyed(alerted, 'S').state.ui.overlay).toMatchObject({kind: 'form', row: '4'});
    expect(noteOf(keyed(at('trades'), 'S'))).toBe('S Set risk limit: select a limit in Risk or Alerts');
    const event = at('risk', {samples: {risk_limits: ok([]), risk_events: ok([riskEvent()])}});
    const named = at('risk', {
      samples: {risk_limits: ok([limit]), risk_events: ok([riskEvent({limitId: sanitise('4')})])},
    });
    expect(keyed(named, 'S').state.ui.overlay).toMatchObject({kind: 'form', row: '4'});
    expect(noteOf(keyed(event, 'S'))).toBe('select a limit in Risk');
  });

  it('shows the fields, the one that is typed into, and what it takes', () => {
    const lines = drawApp(keyed(risk(), 'S', 'tab').state, 80, 24).split('\n');
    expect(lines.join('\n')).toContain('Set risk limit 4 max_exposure, ACC-01');
    const top = lines.findIndex(line => line.includes('Set risk limit'));
    expect(lines.slice(top + 1, top + 4).map(line => line.replace(/^.*│ (.{22}).*$/, '$1').trimEnd())).toEqual([
      expect.stringMatching(/^ {2}limit {7}\S/),
      expect.stringMatching(/^▸ warns from {2}0\.\d+▏/),
      '  enabled     yes',
    ]);
    expect(lines.join('\n')).toContain('the fraction of the limit from which on it warns');
  });
});

describe('S and N on a position limit', () => {
  const table = {kind: 'rows', schema: 'risk_management', name: 'position_limits'};
  const position = risk({samples: {risk_limits: ok([]), risk_events: ok([]), position_limits: ok([positionLimit()])}});

  it('change it and make one like it', () => {
    const form = keyed(position, 'S').state;
    expect(form.ui.overlay).toMatchObject({actionId: 'set-position-limit', row: '3', values: {limit: ''}});
    expect(keyed(form, 'ctrl-u', 'down', ...'99', 'enter').effects).toMatchObject([
      {target: {...table, keys: ['3']}, options: {edit: {quantity: 'none', limit: '99'}}},
    ]);
    const like = keyed(position, 'N').state;
    expect(like.ui.overlay).toMatchObject({
      actionId: 'new-position-limit',
      values: {account: 'ACC-01', symbol: 'NVDA'},
    });
    expect(keyed(like, 'up', 'up', ...'7', 'enter').effects).toMatchObject([
      {target: {...table, keys: ['new']}, options: {edit: {account: 'ACC-01', symbol: 'NVDA', limit: '7'}}},
    ]);
  });

  it('are led to by its alert, and by name say where they work', () => {
    const breach = alert({id: 'position_limit:3', text: 'over', row: {pane: 'risk', key: 'position 3'}});
    const alerted = at('alerts', {alerts: [breach], samples: position.samples});
    expect(keyed(alerted, 'S').state.ui.overlay).toMatchObject({actionId: 'set-position-limit', row: '3'});
    const named = (state: State) => noteOf(keyed(state, ':', ...'set-position', 'enter'));
    expect(named(at('trades'))).toBe('Set position limit: select a limit in Risk or Alerts');
    expect(named(risk())).toBe('select a position limit in Risk');
  });
});

describe('forms of other acts', () => {
  it('make a limit like the selected one', () => {
    const form = keyed(risk(), 'N').state;
    expect(form.ui.overlay).toMatchObject({values: {strategy: 'momentum', limit: ''}});
    const {effects} = keyed(form, 'up', 'up', ...'7.5', 'enter');
    expect(effects).toMatchObject([
      {
        actionId: 'new-limit',
        target: {...limitRow, keys: ['new']},
        options: {edit: {limit: '7.5', strategy: 'momentum'}},
      },
    ]);
  });

  it('halt the strategy of the row or of the alert, or one that is typed', () => {
    expect(keyed(risk(), 'H', 'tab', ...'why', 'enter').effects).toMatchObject([
      {
        actionId: 'halt-strategy',
        target: {kind: 'strategy', name: 'momentum'},
        options: {edit: {reason: 'why'}},
      },
    ]);
    const rejects = alert({id: 'reject_rate:pairs', rule: 'reject_rate', subject: 'pairs' as never, text: 'rejected'});
    const alerted = at('alerts', {alerts: [rejects], samples: {order_rates: ok([rates('pairs')])}});
    expect(keyed(alerted, 'H', 'enter').effects).toMatchObject([{target: {kind: 'strategy', name: 'pairs'}}]);
    const none = keyed(at('tables'), ':', ...'resume-strategy', 'enter');
    expect(noteOf(keyed(none.state, 'enter'))).toBe('name the strategy');
    expect(keyed(none.state, ...'vwap', 'enter').effects).toMatchObject([
      {actionId: 'resume-strategy', target: {kind: 'strategy', name: 'vwap'}},
    ]);
  });

  it('change a setting that is chosen from what there is, or make one by its key', () => {
    const set = {key: 'trading.enabled', value: '"\u202a', description: 'whether orders are sent' as never};
    const list = keyed(
      at('trades', {samples: {system_config: ok([{...set, updatedBy: undefined, updatedAt: undefined}])}}),
      ...[':', ...'set-config', 'enter'],
    );
    const drawn = drawApp(list.state, 80, 24);
    expect(drawn).toMatch(/▸ alerts\.limits/);
    expect(drawn).toMatch(/books\.open_months +default: 3/);
    expect(drawn).toMatch(/trading\.enabled +" +whether orders/);
    expect(drawn).toContain('by rule; each that the config file’s');
    expect(samplesShown(list.state, 80, 24)).toContain('system_config');
    const known = keyed(list.state, ...'months', 'enter');
    expect(known.state.ui.overlay).toMatchObject({row: 'books.open_months', values: {value: '3', description: ''}});
    expect(noteOf(keyed(known.state, 'enter'))).toBe('nothing is changed');
    expect(keyed(known.state, 'ctrl-u', '5', 'enter').effects).toMatchObject([
      {actionId: 'set-config', target: {keys: ['books.open_months']}, options: {edit: {value: '5', create: false}}},
    ]);
    expect(keyed(list.state, ...'trading', 'enter').state.ui.overlay).toMatchObject({values: {value: set.value}});
    const limits = keyed(list.state, 'enter', 'ctrl-u', ...'{"nothing": {"warn": 1}}', 'enter');
    expect(noteOf(limits)).toContain('nothing');
    const other = keyed(list.state, ...'another', 'enter', ...'a.b', 'down', ...'{"x": 1}', 'enter');
    expect(other.effects).toMatchObject([
      {target: {keys: ['a.b']}, options: {edit: {value: '{"x": 1}', create: true}}},
    ]);
    const unread = keyed(
      at('trades', {samples: {system_config: failing(waiting, DENIED)}}),
      ':',
      ...'set-config',
      'enter',
    );
    expect(drawApp(unread.state, 80, 24)).toMatch(/books\.open_months +n\/a /);
  });

  it('lift read-only with a reason, and set it', () => {
    const lift = keyed(at('trades', {ui: {readOnly: true}}), 'O');
    expect(noteOf(keyed(lift.state, 'enter'))).toBe('say why');
    expect(keyed(lift.state, ...'outage', 'enter').effects).toMatchObject([
      {actionId: 'read-only', target: {kind: 'database'}, options: {edit: {reason: 'outage', readOnly: false}}},
    ]);
    expect(keyed(at('trades'), 'O', 'x', 'enter').effects).toMatchObject([{options: {edit: {readOnly: true}}}]);
  });

  it('take pasted text in one field, and nothing after Esc', () => {
    expect(keyed(at('trades'), 'O', 'x', 'escape')).toMatchObject({effects: [], state: {ui: {overlay: undefined}}});
  });
});

describe('a row of the panes', () => {
  const quarantine = at('sync', {
    samples: {sync: ok([syncRow({workers: [], gaps: [], quarantine: [setAside({id: '7' as never})]})])},
  });

  it('of the quarantine is tried again, accepted or rejected alone', () => {
    const menu = keyed(quarantine, 'Q').state;
    const row = {kind: 'rows', schema: 'analytics', name: 'sync_quarantine', keys: ['7']};
    expect(keyed(menu, 'enter').effects).toMatchObject([{actionId: 'retry-event', target: row}]);
    expect(keyed(menu, 'down', 'enter', ...'ok', 'enter').effects).toMatchObject([
      {actionId: 'accept-quarantine', target: row, options: {edit: {reason: 'ok'}}},
    ]);
    expect(keyed(menu, ...'reject', 'enter', ...'no', 'enter').effects).toMatchObject([
      {actionId: 'reject-quarantine', target: row},
    ]);
    expect(keyed(menu, ...'all', 'enter').effects).toMatchObject([
      {actionId: 'retry-quarantine', target: {kind: 'database'}},
    ]);
    expect(keyed(at('trades'), 'Q').effects).toMatchObject([{actionId: 'retry-quarantine'}]);
  });

  it('of a risk event is acknowledged by a', () => {
    const event = at('risk', {samples: {risk_limits: ok([]), risk_events: ok([riskEvent({id: '12' as never})])}});
    expect(keyed(event, 'a').effects).toMatchObject([
      {actionId: 'acknowledge', target: {kind: 'rows', schema: 'risk_management', name: 'risk_events', keys: ['12']}},
    ]);
    expect(noteOf(keyed(risk(), 'a'))).toBe('this row is no risk event');
  });

  it('of a table is chosen first, and an index is built anew at once', () => {
    const [table] = stateOf().samples.tables.rows;
    const [index] = stateOf().samples.indexes.rows;
    const filtered = (filter: string) => ({
      ui: {panes: {tables: {selected: undefined, filter, sort: undefined, reverse: false}}},
    });
    const chosen = keyed(at('tables', filtered(`${table?.schema}.${table?.name}`)), 'V', 'enter').effects;
    expect(chosen).toMatchObject([{target: {kind: 'table', schema: table?.schema, name: table?.name}}]);
    expect(keyed(at('tables', filtered(String(index?.name))), 'R').effects).toMatchObject([
      {actionId: 'reindex', target: {kind: 'index', schema: index?.schema, name: index?.name}},
    ]);
    const key = `index ${index?.schema}.${index?.name} ${index?.problem}`;
    const invalid = alert({id: 'invalid_index:x', text: 'invalid', row: {pane: 'tables', key}});
    expect(keyed(at('alerts', {alerts: [invalid]}), 'R').effects).toMatchObject([{target: {kind: 'index'}}]);
  });
});
