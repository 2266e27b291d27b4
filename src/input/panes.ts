import type {PaneUi} from '../model/ui-state.ts';
import {paneUi, refreshStep, selectedIndex, type UiInput} from '../store/ui.ts';
import {acknowledgeRow, muteAlert, openAlerts} from './alerts.ts';
import {explain} from './explain.ts';
import {COMMON, type ContextKeys, type ContextOf, copied, moving, note, open, type Response} from './handler.ts';
import {keyLabel} from './keys.ts';
import {leadOn} from './lead.ts';
import {openReport, writeIncident} from './report.ts';
import {selectedRow} from './row-places.ts';
import {SHOW_DIALOG, startAction} from './start-action.ts';
import {traceRow} from './trace.ts';
import {cyclePanes, cycleViews, goToDigit, goToPane} from './views.ts';
import {profileSession} from './waits.ts';

type Context = ContextOf<'panes'>;

/** The keys over the panes. */
export const PANE_KEYS: ContextKeys<'panes'> = {
  unbound: ({key, at}) => note(`${keyLabel(key)} does nothing here: ? for help`, at),
  commands: {
    ...COMMON,
    pane: goToDigit,
    next_pane: context => cyclePanes(context, 1),
    previous_pane: context => cyclePanes(context, -1),
    next_view: context => cycleViews(context, 1),
    previous_view: context => cycleViews(context, -1),
    zoom: ({state}) => one({kind: 'zoom', on: !state.ui.zoomed}),
    ...moving(move),
    first: context => change(context, {selected: undefined}),
    last: context => select(context, rowKeys(context).length - 1),
    details,
    lead: context => leadOn(context, context.state.ui.focus, selectedRow(context)),
    filter: context => open({kind: 'filter', pane: context.state.ui.focus, text: focusedUi(context).filter}),
    sort,
    history,
    reverse: context => change(context, {reverse: !focusedUi(context).reverse}),
    wide: context => change(context, {wide: !focusedUi(context).wide}),
    mode,
    copy,
    explain: context => explain(context, context.state.ui.focus, selectedRow(context)),
    trace: context => traceRow(context, context.state.ui.focus, selectedRow(context)),
    profile: context => profileSession(context, selectedRow(context)),
    pause: ({state}) => one({kind: 'pause', on: !state.ui.paused}),
    slower: context => interval(context, 1),
    faster: context => interval(context, -1),
    refresh: ({at}) => ({...note('reading every source now', at), effects: [{kind: 'refresh'}]}),
    alerts: openAlerts,
    acknowledge: context => acknowledgeRow(context, selectedRow(context)),
    mute: context => muteAlert(context, selectedRow(context)),
    report: openReport,
    incident_folder: writeIncident,
    rejects: () => open({kind: 'rejects', selected: undefined}),
    verify: () => ({...open({kind: 'checks', scroll: 0}), effects: [{kind: 'verify'}]}),
    start_action: (context, {action}) => (action ? startAction(context, action, selectedRow(context)) : {}),
    cancel_action: ({at}) => ({...note('cancelling on the server', at), effects: [{kind: 'cancelAction'}]}),
    palette: () => open({kind: 'palette', selected: 0, filter: ''}),
    help: () => open({kind: 'help', scroll: 0}),
    back,
    quit,
  },
};

const one = (input: UiInput): Response => ({inputs: [input]});
const change = ({state}: Context, patch: Partial<PaneUi>): Response =>
  one({kind: 'pane', pane: state.ui.focus, change: patch});
const focusedUi = ({state}: Context): PaneUi => paneUi(state.ui, state.ui.focus);
const rowKeys = ({state, viewport}: Context): readonly string[] => viewport.keys(state.ui.focus);

function move(context: Context, by: number): Response {
  return select(context, selectedIndex(focusedUi(context), rowKeys(context)) + by);
}

/** Selects the row with this index, or the nearest. The first row too stays selected as rows arrive, unlike with `g`. */
function select(context: Context, wanted: number): Response {
  const keys = rowKeys(context);
  const index = Math.max(0, Math.min(wanted, keys.length - 1));
  return keys.length === 0 ? note('there is no row', context.at) : change(context, {selected: keys[index], index});
}

function details(context: Context): Response {
  const key = selectedRow(context);
  const pane = context.state.ui.focus;
  return key === undefined ? note('there is no row', context.at) : open({kind: 'details', pane, key, scroll: 0});
}

/** Draws the past of the number that orders the rows, where it has one; else of the first. */
function history(context: Context): Response {
  const {state, viewport, at} = context;
  const pane = state.ui.focus;
  const key = selectedRow(context) ?? '';
  const columns = viewport.figures(pane, key);
  if (columns.length === 0) return note('there is no number here', at);
  return open({kind: 'history', pane, key, column: columns.find(id => id === focusedUi(context).sort) ?? columns[0]});
}

/** The pane's next way of counting. */
function mode(context: Context): Response {
  const {state, viewport, at} = context;
  const modes = viewport.modes(state.ui.focus);
  const now = modes.findIndex(({id}) => id === focusedUi(context).mode);
  const next = modes[(Math.max(0, now) + 1) % Math.max(1, modes.length)];
  if (next === undefined) return note('this pane counts in one way', at);
  return {
    inputs: [
      {kind: 'pane', pane: state.ui.focus, change: {mode: next.id, selected: undefined}},
      {kind: 'note', text: `counts ${next.title}`, at},
    ],
  };
}

function copy(context: Context): Response {
  const key = selectedRow(context);
  const text = key === undefined ? undefined : context.viewport.copy(context.state.ui.focus, key);
  return text === undefined ? note('there is no row to copy', context.at) : copied(text, context.at);
}

function sort(context: Context): Response {
  const {state, viewport, at} = context;
  const columns = viewport.sorts(state.ui.focus);
  const now = focusedUi(context).sort;
  const next = columns[columns.findIndex(column => column.id === now) + 1];
  return {
    inputs: [
      {kind: 'pane', pane: state.ui.focus, change: {sort: next?.id, reverse: false}},
      {kind: 'note', text: next ? `ordered by ${next.title}` : 'in the pane’s own order', at},
    ],
  };
}

function interval({state, at}: Context, by: 1 | -1): Response {
  const ms = refreshStep(state.ui.refreshMs, by);
  if (ms === state.ui.refreshMs) return note(by === 1 ? 'that is the slowest' : 'that is the fastest', at);
  return {
    inputs: [
      {kind: 'refresh', ms},
      {kind: 'note', text: `reading PostgreSQL every ${ms / 1000} s`, at},
    ],
    effects: [{kind: 'setRefresh', ms}],
  };
}

function back(context: Context): Response {
  const {state, viewport} = context;
  const {filter, where, selected} = focusedUi(context);
  if (state.acting?.phase === 'ended') return {effects: [{kind: 'dismiss'}]};
  if (state.ui.zoomed) return one({kind: 'zoom', on: false});
  if ((state.ui.trail ?? []).length > 0) return one({kind: 'return'});
  if (where !== undefined) return change(context, {where: undefined});
  if (filter !== '') return change(context, {filter: ''});
  if (selected !== undefined) return change(context, {selected: undefined});
  if (viewport.grid.includes(state.ui.focus)) return {};
  const home = viewport.grid.find(id => id === state.ui.home) ?? viewport.grid[0];
  return home === undefined ? {} : goToPane(context, home);
}

/** Leaves the zoom, or the console; while an action runs it shows that action instead. */
function quit({state, at}: Context): Response {
  if (state.ui.zoomed) return one({kind: 'zoom', on: false});
  if (state.acting?.phase !== 'running') return {effects: [{kind: 'quit'}]};
  const text = 'still running: Ctrl-X cancels it, Ctrl-C quits all the same';
  return {inputs: [...(SHOW_DIALOG.inputs ?? []), {kind: 'note', text, at}]};
}
