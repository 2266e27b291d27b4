import type {Overlay, PaneId, PaneUi} from '../model/ui-state.ts';
import {paneUi, refreshStep, selectedIndex, type UiInput} from '../store/ui.ts';
import type {Binding, CommandId} from './bindings.ts';
import {copied, type KeyContext, note, type Response} from './effect.ts';
import type {Key} from './keys.ts';

/** A key over the panes. */
export function handlePaneKey(moment: KeyContext, key: Key, binding: Binding): Response {
  if (binding.id === 'pane') {
    const pane = moment.viewport.panes.find(each => each.key === key);
    return pane ? focus(moment, pane.id) : note(`there is no pane ${key}`, moment.at);
  }
  return COMMANDS[binding.id]?.(moment) ?? {};
}

type Command = (moment: KeyContext) => Response;

const one = (input: UiInput): Response => ({inputs: [input]});
const open = (overlay: Overlay): Response => one({kind: 'overlay', overlay});
const change = ({state}: KeyContext, patch: Partial<PaneUi>): Response =>
  one({kind: 'pane', pane: state.ui.focus, change: patch});
const focusedUi = ({state}: KeyContext): PaneUi => paneUi(state.ui, state.ui.focus);

const COMMANDS: Readonly<Partial<Record<CommandId, Command>>> = {
  next_pane: moment => cycle(moment, 1),
  previous_pane: moment => cycle(moment, -1),
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
  filter: moment => open({kind: 'filter', pane: moment.state.ui.focus, text: focusedUi(moment).filter}),
  sort,
  reverse: moment => change(moment, {reverse: !focusedUi(moment).reverse}),
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
function selectedKey(moment: KeyContext): string | undefined {
  const keys = moment.viewport.keys(moment.state.ui.focus);
  return keys[selectedIndex(focusedUi(moment), keys)];
}

/** Goes to a pane, and keeps the pane of the grid that had the focus last. */
function focus({state, viewport}: KeyContext, pane: PaneId): Response {
  return one({kind: 'focus', pane, home: [pane, state.ui.focus].find(id => viewport.grid.includes(id))});
}

function cycle(moment: KeyContext, by: 1 | -1): Response {
  const {panes} = moment.viewport;
  const now = panes.findIndex(pane => pane.id === moment.state.ui.focus);
  const next = panes[(now + by + panes.length) % panes.length];
  return next ? focus(moment, next.id) : {};
}

function move(moment: KeyContext, by: number): Response {
  const keys = moment.viewport.keys(moment.state.ui.focus);
  if (keys.length === 0) return {};
  const now = selectedIndex(focusedUi(moment), keys);
  return select(moment, keys, Math.max(0, Math.min(now + by, keys.length - 1)));
}

// Moving onto the first row from below stays with that row; `g` is what follows the top.
function select(moment: KeyContext, keys: readonly string[], place: number): Response {
  return change(moment, {selected: keys[place], index: place});
}

function sort(moment: KeyContext): Response {
  const {state, viewport, at} = moment;
  const columns = viewport.sorts(state.ui.focus);
  const now = focusedUi(moment).sort;
  const next = columns[columns.findIndex(column => column.id === now) + 1];
  const patch: PaneUi = {...focusedUi(moment), sort: next?.id, reverse: false};
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
  const pane = focusedUi(moment);
  if (state.acting?.phase === 'ended') return {effects: [{kind: 'dismiss'}]};
  if (state.ui.zoomed) return one({kind: 'zoom', on: false});
  if (pane.filter !== '') return change(moment, {filter: ''});
  if (pane.selected !== undefined) return change(moment, {selected: undefined});
  const {grid} = moment.viewport;
  const home = state.ui.home ?? grid[0];
  return home === undefined || grid.includes(state.ui.focus) ? {} : focus(moment, home);
}
