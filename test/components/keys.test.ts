import {describe, expect, it} from 'vitest';
import {PANES} from '../../components/panes/index.ts';
import {handleScreenKey} from '../../components/viewport.ts';
import {viewsOf} from '../../components/views.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {ACTIONS} from '../../src/input/action-bindings.ts';
import {bindingsIn} from '../../src/input/bindings.ts';
import type {Effect} from '../../src/input/effect.ts';
import {handlePaste} from '../../src/input/handle-key.ts';
import {keysOf} from '../../src/input/keys.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import {paneUi} from '../../src/store/ui.ts';
import {drawApp} from '../helpers/state/draw.ts';
import {acting, BUS, NOW, OUTCOME, PLAN, stateOf, trade} from '../helpers/state/screen.ts';

const size = {at: NOW, columns: 120, rows: 34};

/** Types an input as the terminal sends it; returns the State after it and all effects. */
function type(state: State, input: string, at = NOW): {readonly state: State; readonly effects: readonly Effect[]} {
  let now = state;
  const effects: Effect[] = [];
  for (const key of keysOf(input, {})) {
    const result = handleScreenKey(now, key, {...size, at});
    if (result.ui) now = {...now, ui: result.ui};
    effects.push(...result.effects);
    // As in the console: the action exists from the key that asks for its plan.
    if (result.effects.some(e => e.kind === 'plan'))
      now = {...now, acting: acting({phase: 'planning', plan: undefined})};
  }
  return {state: now, effects};
}

const named = (state: State, ...keys: readonly string[]) => {
  let now = state;
  const effects: Effect[] = [];
  for (const key of keys) {
    const result = handleScreenKey(now, key, size);
    if (result.ui) now = {...now, ui: result.ui};
    effects.push(...result.effects);
  }
  return {state: now, effects};
};

const over = (overlay: Overlay, change: Parameters<typeof stateOf>[0] = {}) => stateOf({...change, ui: {overlay}});
const dialog = (change: Partial<Extract<Overlay, {kind: 'act'}>> = {}): Overlay => ({
  kind: 'act',
  focus: 'cancel',
  typed: '',
  ...change,
});

describe('rejected messages', () => {
  const rejectList = [3, 2, 1].map(number => ({
    number,
    reject: {
      reason: 'not_json' as const,
      channel: sanitise('data_sync:trades'),
      detail: sanitise('not JSON'),
      text: sanitise(`message ${number}`),
      bytes: 9,
      at: NOW,
    },
  }));
  const bus = {rejected: 3, rejectList, lastReject: rejectList[0]?.reject};

  it('are listed by x, selected, opened, copied and closed', () => {
    const {state} = named(stateOf({bus}), 'x', 'down');
    expect(state.ui.overlay).toEqual({kind: 'rejects', selected: 2});
    expect(named(state, 'y').effects).toEqual([{kind: 'copy', text: 'message 2'}]);
    const whole = named(state, 'enter').state;
    expect(whole.ui.overlay).toEqual({kind: 'reject', number: 2, scroll: 0});
    expect(named(whole, 'y').effects).toEqual([{kind: 'copy', text: 'message 2'}]);
    const back = named(whole, 'escape').state;
    expect(back.ui.overlay).toEqual({kind: 'rejects', selected: 2});
    expect(named(back, 'q').state.ui.overlay).toBeUndefined();
  });

  it('are scrolled to both ends, and the list follows the newest', () => {
    const at = (...keys: readonly string[]) => named(stateOf({bus}), 'x', ...keys).state.ui.overlay;
    expect(at()).toEqual({kind: 'rejects', selected: undefined});
    expect(at('G', 'down')).toEqual({kind: 'rejects', selected: 1});
    expect(at('pagedown')).toEqual({kind: 'rejects', selected: 1});
    expect(at('G', 'up', 'up', 'up')).toEqual({kind: 'rejects', selected: 3});
    expect(at('G', 'g')).toEqual({kind: 'rejects', selected: undefined});
  });
});

describe('over the panes', () => {
  it('goes to a pane by its digit, by Tab and back', () => {
    expect(type(stateOf(), '3').state.ui.focus).toBe('slow_queries');
    expect(named(stateOf(), 'tab', 'tab').state.ui.focus).toBe('slow_queries');
  });

  it('goes round the panes of the view in both directions', () => {
    expect(named(stateOf(), 'tab', 'tab', 'tab', 'tab', 'tab').state.ui.focus).toBe('trades');
    expect(named(stateOf(), 'shift-tab').state.ui.focus).toBe('sync');
  });

  it('says that a digit has no pane', () => {
    const {ui} = type(stateOf(), '9').state;
    expect(ui.focus).toBe('trades');
    expect(ui.note?.text).toBe('there is no pane 9 in this view');
  });

  it('goes to the views before and after, each with the pane that had the focus there, and to its panes by digit', () => {
    const at = (...keys: readonly string[]) => {
      const {view, focus} = named(stateOf(), ...keys).state.ui;
      return `${view} ${focus}`;
    };
    expect(at(']')).toBe('Books trades');
    expect(at(']', ']')).toBe('Pipeline sync');
    expect(at(']', ']', ']')).toBe('Main trades');
    expect(at('[')).toBe('Pipeline sync');
    expect(at('[', '2')).toBe('Pipeline health');
    expect(at('3', ']', '2', '[')).toBe('Main slow_queries');
    expect(at('3', ']', '2', '[', ']')).toBe('Books positions');
    // Esc leads back to a pane of the same view; a zoom does not outlive its view.
    expect(at('3', ']', ']', '[', '[', '5', 'escape')).toBe('Main slow_queries');
    expect(named(stateOf(), 'z', ']').state.ui.zoomed).toBe(false);
  });

  it('goes to any pane and any view from the palette', () => {
    const at = (start: State, filter: string) => {
      const {view, focus, overlay} = named(type(start, `:${filter}`).state, 'enter').state.ui;
      return [view, focus, overlay];
    };
    expect(at(stateOf(), 'view books')).toEqual(['Books', 'trades', undefined]);
    expect(at(stateOf(), 'pane sync')).toEqual(['Main', 'sync', undefined]);
    expect(at(named(stateOf(), ']').state, 'pane connection')).toEqual(['Main', 'health', undefined]);
    expect(at(named(stateOf(), ']').state, 'view books')).toEqual(['Books', 'trades', undefined]);
  });

  it('goes to a pane outside the grid, and back to the pane that it came from', () => {
    expect(type(stateOf(), '5').state.ui.focus).toBe('sync');
    expect(named(stateOf(), '3', '5', 'escape').state.ui.focus).toBe('slow_queries');
    expect(named(stateOf(), '4', 'tab', 'escape').state.ui.focus).toBe('health');
    expect(named(stateOf(), '3', '5', '2', '5', 'escape').state.ui.focus).toBe('positions');
    // Esc leaves zoom and selection first, and does not leave a pane of the grid.
    expect(named(stateOf(), '5', 'z', 'escape').state.ui).toMatchObject({focus: 'sync', zoomed: false});
    expect(named(stateOf(), '5', 'down', 'escape').state.ui.focus).toBe('sync');
    expect(named(stateOf(), '2', 'escape').state.ui.focus).toBe('positions');
  });

  it('moves the selection from row to row, by pages, and to both ends', () => {
    const at = (...keys: readonly string[]) => named(stateOf(), ...keys).state.ui.panes.trades?.selected;
    expect(at('down', 'j')).toBe(trade(2).tradeId);
    expect(at('down', 'j', 'k', 'up', 'up')).toBe(trade(0).tradeId);
    expect(at('G')).toBe(trade(119).tradeId);
    expect(at('G', 'g')).toBeUndefined();
    expect(at('pagedown')).toBe(trade(12).tradeId);
  });

  it('keeps the selection on its row when newer rows push it down', () => {
    const {state} = named(stateOf(), 'down');
    const pushed = {...state, bus: {...state.bus, tape: [trade(0, {tradeId: sanitise('T-new')}), ...state.bus.tape]}};
    expect(named(pushed, 'down').state.ui.panes.trades?.selected).toBe(trade(2).tradeId);
  });

  it('continues from the index of the selected row once that is gone', () => {
    const {state} = named(stateOf(), '2', 'down', 'down', 'down');
    const {positions} = state.samples;
    const gone = {
      ...state,
      samples: {...state.samples, positions: {...positions, rows: positions.rows.filter((_, i) => i !== 3)}},
    };
    expect(named(gone, 'enter').state.ui.overlay).toMatchObject({key: 'ACC-01\u0000AMZN'});
    expect(named(gone, 'down').state.ui.panes.positions?.selected).toBe('ACC-01\u0000META');
  });

  it('orders by the next visible column, and after the last in the pane’s own order', () => {
    const once = type(stateOf(), 's').state;
    expect(once.ui.panes.trades?.sort).toBe('executed_at');
    expect(type(once, 'sr').state.ui.panes.trades).toMatchObject({sort: 'symbol', reverse: true});
    expect(type(stateOf(), 'sssssss').state.ui.panes.trades?.sort).toBeUndefined();
  });

  it('counts statements over the interval, since the start and since the reset, by d', () => {
    const modes = (...keys: readonly string[]) => {
      const {ui} = named(stateOf(), ...keys).state;
      return [ui.panes.slow_queries?.mode, ui.note?.text];
    };
    expect(modes('3', 'd')).toEqual(['start', 'counts since the console’s start']);
    expect(modes('3', 'd', 'd')).toEqual(['total', 'counts since the statistics’ reset']);
    expect(modes('3', 'd', 'd', 'd')).toEqual(['interval', 'counts over the last interval']);
    expect(modes('2', 'd')).toEqual([undefined, 'this pane counts in one way']);
    const title = (...keys: readonly string[]) => drawApp(named(stateOf(), '3', ...keys).state, 80, 24).split('\n')[1];
    expect(title()).toContain('Δ 2 s');
    expect(title('d')).toContain('first reading');
    expect(title('d', 'd')).toContain('since reset 3d');
  });

  it('draws the past of the number that orders the rows, and of the others', () => {
    const column = (...keys: readonly string[]) => {
      const {overlay} = named(stateOf(), ...keys).state.ui;
      return overlay?.kind === 'history' ? `${overlay.key.replace('\u0000', ' ')} ${overlay.column}` : overlay;
    };
    expect(column('2', 'down', 'h')).toBe('ACC-01 MSFT quantity');
    expect(column('2', 'h', 'right', 'tab')).toBe('ACC-01 AAPL mark');
    expect(column('2', 'h', 'left')).toBe('ACC-01 AAPL realized_pnl');
    expect(column('2', 's', 's', 's', 's', 'h')).toBe('ACC-01 NVDA mark');
    expect(column('2', 'h', 'h')).toBeUndefined();
    // A trade never changes: the pane has numbers of its own.
    expect(column('1', 'h')).toContain(' per_minute');
  });

  it('zooms, and q leaves the zoom before it quits', () => {
    const zoomed = type(stateOf(), 'z').state;
    expect(zoomed.ui.zoomed).toBe(true);
    const left = type(zoomed, 'q');
    expect(left.state.ui.zoomed).toBe(false);
    expect(left.effects).toEqual([]);
    expect(type(left.state, 'q').effects).toEqual([{kind: 'quit'}]);
  });

  it('filters while text is typed; Enter keeps the filter, Esc drops it', () => {
    const typing = type(stateOf(), '/aapl').state;
    expect(typing.ui.overlay).toEqual({kind: 'filter', pane: 'trades', text: 'aapl'});
    expect(named(typing, 'backspace').state.ui.overlay).toMatchObject({text: 'aap'});
    expect(named(typing, 'enter').state.ui).toMatchObject({overlay: undefined, panes: {trades: {filter: 'aapl'}}});
    const dropped = named(typing, 'escape').state.ui;
    expect(dropped.overlay).toBeUndefined();
    expect(paneUi(dropped, 'trades').filter).toBe('');
    const kept = named(typing, 'enter').state;
    expect(named(kept, 'escape').state.ui.panes.trades?.filter).toBe('');
  });

  it('refuses an invalid expression with the reason', () => {
    const {state} = type(stateOf(), '/re:(\r');
    expect(state.ui.overlay).toMatchObject({kind: 'filter', text: 're:('});
    expect(state.ui.note?.text).toBe('not a regular expression: unterminated group');
  });

  it('copies the row with all its digits, and the query of a statement', () => {
    const [copied] = type(stateOf(), 'y').effects;
    expect(copied?.kind === 'copy' && JSON.parse(copied.text)).toMatchObject({
      trade_id: trade(0).tradeId,
      price: '187.1234',
      executed_at: '2026-11-22T12:04:31.200000Z',
    });
    expect(type(stateOf(), '3y').effects).toEqual([
      {kind: 'copy', text: 'UPDATE strategy_engine.strategies SET parameters = $1 WHERE id = $2'},
    ]);
  });

  it('asks for refresh, another interval, verification, repainting and the shell', () => {
    expect(type(stateOf(), '.').effects).toEqual([{kind: 'refresh'}]);
    expect(type(stateOf(), '+')).toMatchObject({
      state: {ui: {refreshMs: 5000}},
      effects: [{kind: 'setRefresh', ms: 5000}],
    });
    expect(type(stateOf(), 'v')).toMatchObject({state: {ui: {overlay: {kind: 'checks'}}}, effects: [{kind: 'verify'}]});
    expect(named(stateOf(), 'ctrl-l', 'ctrl-z', 'ctrl-c').effects.map(e => e.kind)).toEqual([
      'repaint',
      'suspend',
      'quit',
    ]);
  });

  it('says why a key can do nothing now, and that another has no binding', () => {
    expect(type(stateOf(), 'x').state.ui.note?.text).toBe('x rejects: no message has been rejected so far');
    expect(type(stateOf({ui: {readOnly: true}}), 'V').state.ui.note?.text).toMatch(/^V vacuum: read-only/);
    expect(type(stateOf({ui: {readOnly: true}}), 'V').state.ui.overlay).toBeUndefined();
    expect(type(stateOf(), 'Z').state.ui.note?.text).toBe('Z does nothing here: ? for help');
    expect(named(stateOf(), 'ctrl-x').effects).toEqual([]);
  });

  it('shows a running action instead of quitting', () => {
    const {state, effects} = type(stateOf({acting: acting({phase: 'running'})}), 'q');
    expect(effects).toEqual([]);
    expect(state.ui.overlay?.kind).toBe('act');
    expect(named(state, 'ctrl-c').effects).toEqual([{kind: 'quit'}]);
  });

  it('cancels a running action whose dialog is closed, and forgets an ended one', () => {
    expect(named(stateOf({acting: acting({phase: 'running'})}), 'ctrl-x').effects).toEqual([{kind: 'cancelAction'}]);
    expect(named(stateOf({acting: acting({phase: 'ended', outcome: OUTCOME})}), 'escape').effects).toEqual([
      {kind: 'dismiss'},
    ]);
  });
});

describe('help, details and report', () => {
  it('scroll within their bounds and close by Esc or q', () => {
    const help = type(stateOf(), '?').state;
    const end = named(help, 'G').state;
    expect(end.ui.overlay?.kind === 'help' && end.ui.overlay.scroll).toBeGreaterThan(5);
    expect(named(end, 'down').state.ui.overlay).toEqual(end.ui.overlay);
    expect(named(end, 'g', 'up').state.ui.overlay).toMatchObject({scroll: 0});
    expect(type(end, 'q').state.ui.overlay).toBeUndefined();
    expect(type(end, 'q').effects).toEqual([]);
  });

  it('show the selected row and copy it', () => {
    const {state} = named(stateOf(), 'down', 'enter');
    expect(state.ui.overlay).toEqual({kind: 'details', pane: 'trades', key: trade(1).tradeId, scroll: 0});
    expect(type(state, 'y').effects[0]?.kind).toBe('copy');
  });

  it('do not start a verification while one is running', () => {
    const state = over({kind: 'checks', scroll: 0}, {checks: {running: true}});
    expect(type(state, 'v').effects).toEqual([]);
    expect(type(over({kind: 'checks', scroll: 0}), 'v').effects).toEqual([{kind: 'verify'}]);
  });
});

describe('choosing the target of an action', () => {
  const chooser = type(stateOf(), 'V').state;

  it('narrows the list by typing: letters are never commands', () => {
    const {state, effects} = type(chooser, 'qy?1');
    expect(state.ui.overlay).toMatchObject({kind: 'chooser', filter: 'qy?1'});
    expect(effects).toEqual([]);
  });

  it('plans the action on the chosen target and opens the dialog', () => {
    const {state, effects} = type(chooser, 'execution.tr\r');
    expect(effects).toEqual([
      {
        kind: 'plan',
        actionId: 'vacuum-analyze',
        title: 'VACUUM ANALYZE',
        target: {kind: 'table', schema: 'execution', name: 'trades'},
        name: 'execution.trades',
      },
    ]);
    expect(state.ui.overlay).toEqual({kind: 'act', focus: 'cancel', typed: ''});
  });

  it('keeps the selection on its table when the order changes', () => {
    const chosen = named(chooser, ...Array(5).fill('down')).state;
    const before = chosen.ui.overlay?.kind === 'chooser' ? chosen.ui.overlay.key : undefined;
    const {tables} = chosen.samples;
    const busier = tables.rows.map(t => (t.name === 'positions' ? {...t, deadRows: 99_000_000} : t));
    const moved = {...chosen, samples: {...chosen.samples, tables: {...tables, rows: busier}}};
    expect(before).toBe('table:execution.orders');
    expect(named(moved, 'enter').effects).toMatchObject([
      {target: {kind: 'table', schema: 'execution', name: 'orders'}},
    ]);
  });

  it('offers the database and the schemas too', () => {
    expect(named(chooser, 'enter').effects).toMatchObject([{target: {kind: 'database'}, name: 'trading_system'}]);
    expect(named(chooser, 'down', 'enter').effects).toMatchObject([
      {target: {kind: 'schema', schema: 'data_ingestion'}},
    ]);
    expect(type(chooser, 'nothing like it\r').effects).toEqual([]);
  });
});

describe('the key of an action', () => {
  it.each([
    ['L', 'archive-logs', 'Archive old logs', {kind: 'table', schema: 'logging', name: 'system_logs'}],
    ['P', 'create-partitions', 'Create partitions', {kind: 'table', schema: 'data_ingestion', name: 'market_data'}],
    ['B', 'rebuild-analytics', 'Rebuild analytics', {kind: 'database'}],
    ['Q', 'retry-quarantine', 'Retry quarantine', {kind: 'database'}],
    ['E', 'rotate-secrets', 'Rotate secrets', {kind: 'database'}],
  ])('%s plans %s on its only target at once', (key, actionId, title, target) => {
    const {state, effects} = type(stateOf(), key);
    const name = 'name' in target ? `${target.schema}.${target.name}` : 'trading_system';
    expect(effects).toEqual([{kind: 'plan', actionId, title, target, name}]);
    expect(state.ui.overlay).toEqual(dialog());
  });

  it.each([
    ['A', 'analyze'],
    ['V', 'vacuum-analyze'],
  ])('%s lets the target of %s be chosen', (key, actionId) => {
    const {state, effects} = type(stateOf(), key);
    expect(effects).toEqual([]);
    expect(state.ui.overlay).toEqual({kind: 'chooser', actionId, selected: 0, filter: ''});
    expect(named(state, 'enter').effects).toMatchObject([{kind: 'plan', actionId, target: {kind: 'database'}}]);
  });

  it('is refused with the reason where the console is read-only', () => {
    for (const action of ACTIONS.filter(each => each.key !== '' && !each.inConsole)) {
      const {state, effects} = type(stateOf({ui: {readOnly: true}}), action.key);
      expect(effects, action.key).toEqual([]);
      expect(state.ui.overlay, action.key).toBeUndefined();
      expect(state.ui.note?.text, action.key).toMatch(/: read-only: O lifts that, with a reason$/);
    }
  });

  it('shows the action that is under way, whichever it is', () => {
    for (const phase of ['planning', 'confirm', 'running', 'ended'] as const) {
      for (const readOnly of [false, true]) {
        const {state, effects} = type(stateOf({acting: acting({phase}), ui: {readOnly}}), 'Q');
        expect(effects).toEqual([]);
        expect(state.ui.overlay).toEqual(dialog());
      }
    }
  });

  it('is named by the message when the dialog is closed', () => {
    const running = over(dialog(), {acting: acting({phase: 'running', actionId: 'analyze'})});
    expect(named(running, 'escape').state.ui.note?.text).toBe('it continues: A opens it, Ctrl-X cancels it');
    const screen = (phase: 'running' | 'ended') =>
      drawApp(stateOf({acting: acting({phase, actionId: 'analyze', outcome: OUTCOME})}), 120, 34);
    expect(screen('running')).toContain('A opens it, Ctrl-X cancels it');
    expect(screen('ended')).toContain('A opens it, Esc dismisses it');
  });
});

describe('the palette', () => {
  const palette = type(stateOf(), ':').state;

  it('narrows the list by typing: letters are never commands', () => {
    const {state, effects} = type(palette, 'qy?1');
    expect(state.ui.overlay).toEqual({kind: 'palette', selected: 0, filter: 'qy?1'});
    expect(effects).toEqual([]);
    expect(named(state, 'backspace').state.ui.overlay).toMatchObject({filter: 'qy?'});
    expect(named(state, 'ctrl-u').state.ui.overlay).toMatchObject({filter: ''});
    expect(named(state, 'escape').state.ui.overlay).toBeUndefined();
  });

  it('moves through the commands and stops at both ends', () => {
    const at = (...keys: readonly string[]) => named(palette, ...keys).state.ui.overlay;
    expect(at('down', 'ctrl-n', 'up')).toMatchObject({selected: 1});
    expect(at('down', 'ctrl-p', 'up')).toMatchObject({selected: 0});
    const keyless = ACTIONS.filter(
      ({id, key, targets, flags}) =>
        key === '' && (/^(?:set|new)-/.test(id) || !/rows|month/.test(String(targets))) && !flags,
    );
    const places = PANES.length + viewsOf(stateOf().about).length;
    const last = bindingsIn('panes').length + keyless.length + places - 3;
    expect(at(...Array(9).fill('pagedown'))).toMatchObject({selected: last});
    expect(at(...Array(9).fill('pagedown'), 'pageup')).not.toMatchObject({selected: last});
  });

  it('begins and ends the incidents of a demo, and of nothing else', () => {
    const about = {...stateOf().about, incidents: [{name: 'lock-pile', does: 'sessions pile up'}]};
    const {state, effects} = type({...stateOf(), about}, ':lock-pile\r');
    expect(effects).toEqual([{kind: 'incident', name: 'lock-pile'}]);
    expect(state.ui.overlay).toBeUndefined();
    expect(type(stateOf(), ':lock-pile\r').effects).toEqual([]);
  });

  it('does what the key of the chosen command does', () => {
    const chosen = (text: string, state = stateOf()) => type(state, `:${text}\r`);
    expect(chosen('whole screen pane').state.ui).toMatchObject({zoomed: true, overlay: undefined});
    expect(chosen('pane sync').state.ui).toMatchObject({focus: 'sync', overlay: undefined});
    expect(chosen('rebuild')).toMatchObject({
      state: {ui: {overlay: dialog()}},
      effects: [{kind: 'plan', actionId: 'rebuild-analytics'}],
    });
    expect(chosen('vacuum analyze').state.ui.overlay).toMatchObject({kind: 'chooser', actionId: 'vacuum-analyze'});
    expect(chosen('quit at once').effects).toEqual([{kind: 'quit'}]);
    expect(chosen('one page down').state.ui.panes.trades?.selected).toBe(
      named(stateOf(), 'pagedown').state.ui.panes.trades?.selected,
    );
  });

  it('gives the refusal that the key gives', () => {
    for (const [text, key] of [
      ['rejected messages', 'x'],
      ['cancel the running', 'ctrl-x'],
      ['old logs', 'L'],
    ] as const) {
      const state = stateOf({ui: {readOnly: true}});
      const {ui} = type(state, `:${text}\r`).state;
      expect(ui.overlay, text).toBeUndefined();
      expect(ui.note, text).toEqual(named(state, key).state.ui.note);
    }
  });

  it('says that no command has such a name', () => {
    const {state, effects} = type(palette, 'nothing like it\r');
    expect(effects).toEqual([]);
    expect(state.ui.overlay).toMatchObject({kind: 'palette'});
    expect(state.ui.note?.text).toBe('there is nothing to choose');
  });
});

describe('confirming an action', () => {
  const asked = over(dialog(), {acting: acting()});

  it('is cancelled by Enter, since Cancel has the focus, and by Esc, n and q', () => {
    for (const key of ['enter', 'escape', 'n', 'q']) {
      const {state, effects} = named(asked, key);
      expect(effects, key).toEqual([{kind: 'dismiss'}]);
      expect(state.ui.overlay, key).toBeUndefined();
    }
  });

  it('runs the action by y, and by Enter on Run', () => {
    expect(type(asked, 'y').effects).toEqual([{kind: 'confirm'}]);
    expect(named(asked, 'tab', 'enter').effects).toEqual([{kind: 'confirm'}]);
    expect(named(asked, 'right', 'left', 'enter').effects).toEqual([{kind: 'dismiss'}]);
  });

  it('is left by n and q in every phase', () => {
    for (const phase of ['planning', 'confirm', 'running', 'ended'] as const) {
      for (const key of ['n', 'q', 'escape']) {
        const open = over(dialog(), {acting: acting({phase, outcome: phase === 'ended' ? OUTCOME : undefined})});
        const {state, effects} = named(open, key);
        expect(state.ui.overlay, `${key} ${phase}`).toBeUndefined();
        expect(effects, `${key} ${phase}`).toEqual(phase === 'running' ? [] : [{kind: 'dismiss'}]);
      }
    }
  });

  it('scrolls a plan that is longer than the screen', () => {
    const sql = Array.from({length: 5}, () => sanitise('SELECT '.repeat(90)));
    const long = over(dialog(), {acting: acting({plan: {...PLAN, sql}})});
    const scrolled = named(long, 'down', 'down', 'up', 'pagedown');
    expect(scrolled.state.ui.overlay).toMatchObject({kind: 'act', scroll: expect.any(Number)});
    const end = named(scrolled.state, ...Array(20).fill('pagedown'));
    expect(named(end.state, 'down').state.ui.overlay).toEqual(end.state.ui.overlay);
    expect(named(end.state, ...Array(20).fill('pageup')).state.ui.overlay).toMatchObject({scroll: 0});
    expect(named(end.state, 'down', 'y').effects).toEqual([{kind: 'confirm'}]);
  });

  it('says why a key can do nothing', () => {
    const text = (key: string, change: Parameters<typeof acting>[0]) =>
      named(over(dialog(), {acting: acting(change)}), key).state.ui.note?.text;
    const refused = {plan: {...PLAN, refusal: sanitise('somebody else runs it')}};
    expect(text('y', refused)).toBe('y run: somebody else runs it');
    expect(text('tab', refused)).toBe('Tab Cancel/Run: it cannot run');
    expect(text('enter', {phase: 'running'})).toBe('⏎ press: it is running');
    expect(text('ctrl-x', {})).toBe('Ctrl-X cancel it: nothing is running');
    expect(text('Z', {})).toBe('y runs it, Esc does not');
  });

  it('ignores keys that were typed before the dialog could be read', () => {
    const fresh = over(dialog(), {acting: acting({since: NOW - 299_000})});
    expect(type(fresh, 'y').effects).toEqual([]);
    expect(named(fresh, 'tab', 'enter').effects).toEqual([]);
    expect(type(fresh, 'y', NOW + 2_000).effects).toEqual([{kind: 'confirm'}]);
  });

  it('is not confirmed by keys that arrive in one input', () => {
    expect(type(stateOf(), 'V\ryyy').effects.map(e => e.kind)).toEqual(['plan']);
    expect(type(stateOf(), 'V\ry\ry').effects.map(e => e.kind)).not.toContain('confirm');
    const planning = over(dialog(), {acting: acting({phase: 'planning', plan: undefined})});
    expect(type(planning, 'yyy').effects).toEqual([]);
  });

  it('runs nothing that is refused', () => {
    const refused = over(dialog({focus: 'run'}), {acting: acting({plan: {...PLAN, refusal: PLAN.targetName}})});
    expect(type(refused, 'y').effects).toEqual([]);
    expect(named(refused, 'enter').effects).toEqual([]);
    expect(
      named(over(dialog(), {acting: acting({plan: {...PLAN, refusal: PLAN.targetName}})}), 'tab', 'enter').effects,
    ).toEqual([{kind: 'dismiss'}]);
  });

  describe('in PROD', () => {
    const prod = over(dialog(), {acting: acting(), about: {environment: 'prod'}});

    it('needs the name typed: y is one of its letters', () => {
      expect(type(prod, 'y')).toMatchObject({state: {ui: {overlay: {typed: 'y'}}}, effects: []});
      expect(named(type(prod, 'execution.trade').state, 'tab', 'enter').effects).toEqual([]);
      expect(named(type(prod, 'execution.trades').state, 'tab', 'enter').effects).toEqual([{kind: 'confirm'}]);
      const onCancel = named(type(prod, 'execution.trades').state, 'enter');
      expect(onCancel).toMatchObject({
        effects: [],
        state: {ui: {note: {text: expect.stringContaining('Tab leads to Run')}}},
      });
      expect(named(onCancel.state, 'tab', 'enter').effects).toEqual([{kind: 'confirm'}]);
      expect(named(prod, 'enter').effects).toEqual([{kind: 'dismiss'}]);
    });

    it('accepts no name from the clipboard', () => {
      const pasted = handlePaste(prod, 'execution.trades', NOW);
      expect(pasted.ui?.overlay).toEqual(prod.ui.overlay);
      expect(pasted.effects).toEqual([]);
    });
  });
});

describe('an action under way', () => {
  const running = over(dialog(), {acting: acting({phase: 'running'})});

  it('is cancelled by Ctrl-X alone, and left running by Esc', () => {
    expect(named(running, 'ctrl-x').effects).toEqual([{kind: 'cancelAction'}]);
    expect(named(running, 'enter', 'y').effects).toEqual([]);
    const left = named(running, 'escape');
    expect(left.effects).toEqual([]);
    expect(left.state.ui.overlay).toBeUndefined();
    expect(type(left.state, 'V').state.ui.overlay).toEqual(dialog());
  });

  it('is dismissed once it has ended and its outcome could be read', () => {
    const ended = over(dialog(), {acting: acting({phase: 'ended', outcome: OUTCOME})});
    expect(named(ended, 'enter').effects).toEqual([{kind: 'dismiss'}]);
    const justNow = over(dialog(), {acting: acting({phase: 'ended', outcome: OUTCOME, since: NOW - 1000})});
    expect(named(justNow, 'enter').effects).toEqual([]);
  });
});

describe('pasted text', () => {
  it('is typed into a filter, in one line and sanitised', () => {
    const pasted = handlePaste(over({kind: 'filter', pane: 'trades', text: 'a'}), 'ap\nl\u001b[31m', NOW);
    expect(pasted.ui?.overlay).toEqual({kind: 'filter', pane: 'trades', text: 'aap l␛[31m'});
  });

  it('is never a command', () => {
    const pasted = handlePaste(stateOf(), 'V\ry', NOW);
    expect(pasted.effects).toEqual([]);
    expect(pasted.ui?.overlay).toBeUndefined();
    expect(pasted.ui?.note?.text).toBe('text cannot be pasted here');
  });
});

describe('a screen too small for panes', () => {
  it('still handles keys', () => {
    const result = handleScreenKey(stateOf({bus: {...BUS, tape: []}}), 'down', {at: NOW, columns: 20, rows: 5});
    expect(result.effects).toEqual([]);
    expect(handleScreenKey(stateOf(), 'q', {at: NOW, columns: 20, rows: 5}).effects).toEqual([{kind: 'quit'}]);
  });
});
