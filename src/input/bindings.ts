import type {Danger} from '../actions/action.ts';
import type {State} from '../model/state.ts';
import {type Key, PANE_KEYS} from './keys.ts';

/** Where a key is pressed: over the panes, or in what lies over them. */
export type Context = 'panes' | 'filter' | 'chooser' | 'act' | 'help' | 'details' | 'checks' | 'rejects' | 'reject';

export type CommandId =
  | 'pane'
  | 'next_pane'
  | 'previous_pane'
  | 'up'
  | 'down'
  | 'page_up'
  | 'page_down'
  | 'first'
  | 'last'
  | 'details'
  | 'zoom'
  | 'filter'
  | 'sort'
  | 'reverse'
  | 'wide'
  | 'pause'
  | 'slower'
  | 'faster'
  | 'refresh'
  | 'copy'
  | 'verify'
  | 'reject'
  | 'vacuum'
  | 'help'
  | 'back'
  | 'quit'
  | 'apply'
  | 'erase'
  | 'clear'
  | 'switch'
  | 'press'
  | 'confirm'
  | 'cancel_action'
  | 'repaint'
  | 'suspend'
  | 'quit_now';

export type BindingGroup = 'panes' | 'rows' | 'screen' | 'act' | 'dialogs' | 'leave';

/** A key and what it does. One list of these feeds the dispatcher, the footer, help and the README. */
export type Binding = {
  readonly id: CommandId;
  /** The first is the one that is shown. */
  readonly keys: readonly Key[];
  /** How the footer names the keys together, whatever their number: `1…`. */
  readonly shown?: string;
  /** One word for the footer. */
  readonly label: string;
  /** A sentence for help and README. */
  readonly help: string;
  readonly group: BindingGroup;
  readonly danger: Danger;
  readonly in: readonly Context[];
  /** Where the footer has no room, the larger numbers go first; undefined: never in the footer. */
  readonly footer?: number;
  /** Why it cannot be done now; undefined: it can. */
  readonly why: (state: State) => string | undefined;
};

const always = (): undefined => undefined;
const READING = ['help', 'details', 'checks', 'reject'] as const;
const EVERYWHERE = ['panes', 'filter', 'chooser', 'act', 'rejects', ...READING] as const;
const LISTS = ['panes', 'rejects', ...READING] as const;

function bind(
  id: CommandId,
  keys: readonly Key[],
  group: BindingGroup,
  contexts: readonly Context[],
  label: string,
  help: string,
  rest: Partial<Pick<Binding, 'shown' | 'footer' | 'danger' | 'why'>> = {},
): Binding {
  return {id, keys, group, in: contexts, label, help, danger: 'none', why: always, ...rest};
}

/** Every key of the console. Lower case looks, upper case acts. */
export const BINDINGS: readonly Binding[] = [
  bind('pane', PANE_KEYS, 'panes', ['panes'], 'pane', 'go to the pane with this number', {
    shown: '1…',
    footer: 2,
  }),
  bind('next_pane', ['tab'], 'panes', ['panes'], 'next pane', 'go to the next pane'),
  bind('previous_pane', ['shift-tab'], 'panes', ['panes'], 'previous pane', 'go to the pane before'),
  bind('zoom', ['z'], 'panes', ['panes'], 'zoom', 'give the whole screen to the pane, or take it back', {footer: 5}),
  bind('up', ['up', 'k'], 'rows', LISTS, 'row', 'one row up; the selection stays with its row', {
    shown: '↑↓',
    footer: 4,
  }),
  bind('down', ['down', 'j'], 'rows', LISTS, 'row', 'one row down'),
  bind('up', ['up', 'ctrl-p'], 'dialogs', ['chooser'], 'choose', 'one entry up', {shown: '↑↓', footer: 1}),
  bind('down', ['down', 'ctrl-n'], 'dialogs', ['chooser'], 'choose', 'one entry down'),
  bind('page_up', ['pageup'], 'rows', [...LISTS, 'chooser'], 'page', 'one page up'),
  bind('page_down', ['pagedown'], 'rows', [...LISTS, 'chooser'], 'page', 'one page down'),
  bind('first', ['g', 'home'], 'rows', LISTS, 'first', 'to the first row, and follow it'),
  bind('last', ['G', 'end'], 'rows', LISTS, 'last', 'to the last row'),
  bind('details', ['enter'], 'rows', ['panes', 'rejects'], 'details', 'every column of the row, the whole query', {
    footer: 3,
  }),
  bind('filter', ['/'], 'rows', ['panes'], 'filter', 'show the rows with a text; !text without it; re:regex', {
    footer: 4,
  }),
  bind('sort', ['s'], 'rows', ['panes'], 'sort', 'order by the next column', {footer: 7}),
  bind('reverse', ['r'], 'rows', ['panes'], 'reverse', 'reverse the order', {footer: 9}),
  bind('wide', ['w'], 'rows', ['panes'], 'columns', 'show the other columns', {footer: 8}),
  bind('copy', ['y'], 'rows', ['panes', 'details', 'rejects', 'reject'], 'copy', 'copy the row or the query (OSC 52)', {
    footer: 8,
  }),
  bind('pause', ['p'], 'screen', ['panes'], 'pause', 'freeze the panes, or go on; collecting goes on meanwhile', {
    footer: 6,
  }),
  bind('slower', ['+', '='], 'screen', ['panes'], 'slower', 'read PostgreSQL less often', {footer: 10}),
  bind('faster', ['-'], 'screen', ['panes'], 'faster', 'read PostgreSQL more often', {footer: 10}),
  bind('refresh', ['.'], 'screen', ['panes'], 'refresh', 'read everything now', {footer: 10}),
  bind('reject', ['x'], 'screen', ['panes'], 'rejects', 'look at the last messages that were not taken', {
    footer: 9,
    why: state => (state.bus.lastReject ? undefined : 'no message has been refused so far'),
  }),
  bind('repaint', ['ctrl-l'], 'screen', EVERYWHERE, 'repaint', 'draw the whole screen again'),
  bind('verify', ['v'], 'act', ['panes', 'checks'], 'verify', 'verify the set-up and show the report', {
    footer: 3,
    why: state => (state.checks.running ? 'verification is running' : undefined),
  }),
  bind('vacuum', ['V'], 'act', ['panes'], 'vacuum', 'VACUUM ANALYZE a table, a schema or the database', {
    danger: 'locks',
    footer: 3,
    why: state =>
      state.ui.readOnly && !state.acting ? 'read-only: nothing can be changed from this console' : undefined,
  }),
  bind('cancel_action', ['ctrl-x'], 'act', ['panes', 'act'], 'cancel it', 'cancel the running action on the server', {
    footer: 1,
    why: state => (state.acting?.phase === 'running' ? undefined : 'nothing is running'),
  }),
  bind('switch', ['tab', 'shift-tab', 'left', 'right'], 'dialogs', ['act'], 'Cancel/Run', 'go to the other button', {
    shown: 'Tab',
    footer: 3,
    why: state => (state.acting?.phase === 'confirm' ? undefined : 'nothing to choose'),
  }),
  bind('press', ['enter'], 'dialogs', ['act'], 'press', 'press the button that has the focus: Cancel at first', {
    footer: 2,
    why: state => (state.acting?.phase === 'running' ? 'it is running' : undefined),
  }),
  bind('confirm', ['y'], 'dialogs', ['act'], 'run', 'run it; in PROD its name is typed instead', {
    footer: 4,
    why: state =>
      state.acting?.phase === 'confirm' && state.about.environment !== 'prod' && !state.acting.plan?.refusal
        ? undefined
        : 'not here',
  }),
  bind('apply', ['enter'], 'dialogs', ['filter', 'chooser'], 'take', 'take what was typed or chosen', {footer: 2}),
  bind('erase', ['backspace', 'ctrl-h'], 'dialogs', ['filter', 'chooser', 'act'], 'erase', 'erase a character'),
  bind('clear', ['ctrl-u'], 'dialogs', ['filter', 'chooser', 'act'], 'clear', 'erase all that was typed'),
  bind('help', ['?'], 'leave', ['panes'], 'help', 'every key', {footer: 1}),
  bind(
    'back',
    ['escape'],
    'leave',
    ['panes'],
    'back',
    'leave, in turn: an ended action, zoom, filter, selection, a pane beyond the four',
  ),
  bind('back', ['escape', 'q'], 'leave', ['rejects', ...READING], 'back', 'close what is open', {footer: 1}),
  bind('back', ['escape'], 'dialogs', ['filter', 'chooser', 'act'], 'back', 'leave it; what runs goes on', {footer: 1}),
  bind('quit', ['q'], 'leave', ['panes'], 'quit', 'leave zoom, then quit', {footer: 1}),
  bind('suspend', ['ctrl-z'], 'leave', EVERYWHERE, 'suspend', 'hand the terminal to the shell; fg comes back'),
  bind('quit_now', ['ctrl-c'], 'leave', EVERYWHERE, 'quit now', 'quit at once'),
];

/** Where the next key goes. An act's overlay without an action is no longer there. */
export function contextOf(state: State): Context {
  const {overlay} = state.ui;
  if (overlay === undefined) return 'panes';
  return overlay.kind === 'act' && state.acting === undefined ? 'panes' : overlay.kind;
}

/** What a key does in a context; undefined: nothing. */
export const bindingOf = (key: Key, context: Context): Binding | undefined =>
  BINDINGS.find(binding => binding.in.includes(context) && binding.keys.includes(key));

/** What can be done here and now, most needed first: what the footer shows. */
export const footerBindings = (state: State): readonly Binding[] => {
  const context = contextOf(state);
  return BINDINGS.filter(
    binding => binding.footer !== undefined && binding.in.includes(context) && binding.why(state) === undefined,
  );
};
