import {isMain, MAIN_PANES, paneOfKey} from '../model/panes.ts';
import type {Overlay, PaneUi} from '../model/ui-state.ts';
import {refreshStep, selectedIndex, type UiInput} from '../store/ui.ts';
import type {Binding, CommandId} from './bindings.ts';
import {copied, type KeyContext, note, type Response} from './effect.ts';
import type {Key} from './keys.ts';

/** A key over the panes. */
export function handlePaneKey(moment: KeyContext, key: Key, binding: Binding): Response {
  if (binding.id === 'pane') {
    const pane = paneOfKey(key);
    return pane ? {inputs: [{kind: 'focus', pane}]} : {};
  }
  return COMMANDS[binding.id]?.(moment) ?? {};
}

type Command = (moment: KeyContext) => Response;

const one = (input: UiInput): Response => ({inputs: [input]});
const open = (overlay: Overlay): Response => one({kind: 'overlay', overlay});
const change = ({state}: KeyContext, patch: Partial<PaneUi>): Response =>
  one({kind: 'pane', pane: state.ui.focus, change: patch});

const COMMANDS: Readonly<Partial<Record<CommandId, Command>>> = {
  next_pane: () => one({kind: 'cycle', by: 1}),
  previous_pane: () => one({kind: 'cycle', by: -1}),
  zoom: ({state}) => one({kind: 'zoom', on: !state.ui.zoomed}),
  up: moment => move(moment, -1),
  down: moment => move(moment, 1),
  page_up: moment => move(moment, -moment.viewport.page),
  page_down: moment => move(moment, moment.viewport.page),
  first: moment => change(moment, {selected: undefined}),
  last: moment => {
    const keys = moment.viewport.keys(moment.state.ui.focus);
    return select(moment, keys, Math.max(0, keys.length - 1));
  },
  details: moment => {
    const key = selectedKey(moment);
    return key === undefined
      ? note('there is no row to look at', moment.at)
      : open({kind: 'details', pane: moment.state.ui.focus, key, scroll: 0});
  },
  filter: ({state: {ui}}) => open({kind: 'filter', pane: ui.focus, text: ui.panes[ui.focus].filter}),
  sort,
  reverse: moment => change(moment, {reverse: !moment.state.ui.panes[moment.state.ui.focus].reverse}),
  wide: ({state}) => one({kind: 'wide', on: !state.ui.wide}),
  pause: ({state}) => one({kind: 'pause', on: !state.ui.paused}),
  slower: moment => interval(moment, 1),
  faster: moment => interval(moment, -1),
  refresh: ({at}) => ({inputs: [{kind: 'note', text: 'reading everything now', at}], effects: [{kind: 'refresh'}]}),
  copy: moment => {
    const key = selectedKey(moment);
    const text = key === undefined ? undefined : moment.viewport.copy(moment.state.ui.focus, key);
    return text === undefined ? note('there is no row to copy', moment.at) : copied(text, moment.at);
  },
  reject: () => open({kind: 'rejects', selected: undefined}),
  verify: () => ({inputs: [{kind: 'overlay', overlay: {kind: 'checks', scroll: 0}}], effects: [{kind: 'verify'}]}),
  vacuum: ({state}) =>
    state.acting ? openAct() : open({kind: 'chooser', actionId: 'vacuum-analyze', selected: 0, filter: ''}),
  cancel_action: ({at}) => ({
    inputs: [{kind: 'note', text: 'cancelling on the server', at}],
    effects: [{kind: 'cancelAction'}],
  }),
  help: () => open({kind: 'help', scroll: 0}),
  back,
  quit: moment => {
    const {state} = moment;
    if (state.ui.zoomed) return one({kind: 'zoom', on: false});
    if (state.acting?.phase !== 'running') return {effects: [{kind: 'quit'}]};
    return {
      inputs: [
        {kind: 'overlay', overlay: {kind: 'act', focus: 'cancel', typed: ''}},
        {kind: 'note', text: 'still running: Ctrl-X cancels it, Ctrl-C quits all the same', at: moment.at},
      ],
    };
  },
};

/** Opens the dialog of the action that is under way. */
const openAct = (): Response => open({kind: 'act', focus: 'cancel', typed: ''});

/** The row that the keys work on. */
function selectedKey({state, viewport}: KeyContext): string | undefined {
  const keys = viewport.keys(state.ui.focus);
  return keys[selectedIndex(state.ui.panes[state.ui.focus], keys)];
}

function move(moment: KeyContext, by: number): Response {
  const keys = moment.viewport.keys(moment.state.ui.focus);
  if (keys.length === 0) return {};
  const now = selectedIndex(moment.state.ui.panes[moment.state.ui.focus], keys);
  return select(moment, keys, Math.max(0, Math.min(now + by, keys.length - 1)));
}

// Moving onto the first row from below stays with that row; `g` is what follows the top.
function select(moment: KeyContext, keys: readonly string[], place: number): Response {
  return change(moment, {selected: keys[place], index: place});
}

function sort(moment: KeyContext): Response {
  const {state, viewport, at} = moment;
  const columns = viewport.sorts(state.ui.focus);
  const now = state.ui.panes[state.ui.focus].sort;
  const next = columns[columns.findIndex(column => column.id === now) + 1];
  const patch: PaneUi = {...state.ui.panes[state.ui.focus], sort: next?.id, reverse: false};
  return {
    inputs: [
      {kind: 'pane', pane: state.ui.focus, change: patch},
      {kind: 'note', text: next ? `ordered by ${next.title}` : 'in the pane’s own order', at},
    ],
  };
}

function interval({state, at}: KeyContext, by: 1 | -1): Response {
  const ms = refreshStep(state.ui.refreshMs, by);
  if (ms === state.ui.refreshMs) return note(by === 1 ? 'that is the slowest' : 'that is the fastest', at);
  return {inputs: [{kind: 'refresh', ms}], effects: [{kind: 'setRefresh', ms}]};
}

function back(moment: KeyContext): Response {
  const {state} = moment;
  const pane = state.ui.panes[state.ui.focus];
  if (state.acting?.phase === 'ended') return {effects: [{kind: 'dismiss'}]};
  if (state.ui.zoomed) return one({kind: 'zoom', on: false});
  if (pane.filter !== '') return change(moment, {filter: ''});
  if (pane.selected !== undefined) return change(moment, {selected: undefined});
  return isMain(state.ui.focus) ? {} : one({kind: 'focus', pane: state.ui.home ?? MAIN_PANES[0]});
}
