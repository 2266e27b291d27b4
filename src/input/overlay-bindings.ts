import type {State} from '../model/state.ts';
import {type BindingSpec, CHOICES, EVERYWHERE, READING} from './binding.ts';
import {mustType, takesName} from './confirmation.ts';

const notTyping = (state: State): string | undefined => (takesName(state) ? undefined : 'nothing is typed here');

/** The keys of dialogs, lists of choices and the filter's line. */
export const DIALOG_BINDINGS = [
  {
    id: 'up',
    keys: ['up', 'ctrl-p'],
    shown: '↑↓',
    group: 'dialogs',
    in: CHOICES,
    footer: 1,
    label: 'choose',
    help: 'go one entry up',
  },
  {id: 'down', keys: ['down', 'ctrl-n'], group: 'dialogs', in: CHOICES, label: 'choose', help: 'go one entry down'},
  {
    id: 'up',
    keys: ['up'],
    shown: '↑↓',
    group: 'dialogs',
    in: ['act'],
    footer: 5,
    label: 'scroll',
    help: 'scroll the dialog one line up',
  },
  {
    id: 'down',
    keys: ['down'],
    group: 'dialogs',
    in: ['act'],
    label: 'scroll',
    help: 'scroll the dialog one line down',
  },
  {
    id: 'switch',
    keys: ['tab', 'shift-tab', 'left', 'right'],
    group: 'dialogs',
    in: ['act'],
    footer: 3,
    label: 'Cancel/Run',
    help: 'go to the other button',
    why: ({acting}) =>
      acting?.phase !== 'confirm' ? 'nothing to choose' : acting.plan?.refusal ? 'it cannot run' : undefined,
  },
  {
    id: 'activate',
    keys: ['enter'],
    group: 'dialogs',
    in: ['act'],
    footer: 2,
    label: 'press',
    help: 'press the button that has the focus: Cancel at first',
    why: ({acting}) => (acting?.phase === 'running' ? 'it is running' : undefined),
  },
  {
    id: 'confirm',
    keys: ['y'],
    group: 'dialogs',
    in: ['act'],
    footer: 4,
    label: 'run',
    help: 'run it; in PROD the target’s name is typed instead',
    why: state => {
      if (state.acting?.phase !== 'confirm') return 'nothing to confirm';
      return state.acting.plan?.refusal ?? (mustType(state) ? 'in PROD the name is typed' : undefined);
    },
  },
  {
    id: 'apply',
    keys: ['enter'],
    group: 'dialogs',
    in: ['filter', ...CHOICES],
    footer: 2,
    label: 'take',
    help: 'take what was typed or chosen',
  },
  {
    id: 'erase',
    keys: ['backspace', 'ctrl-h'],
    group: 'dialogs',
    in: ['filter', ...CHOICES],
    label: 'erase',
    help: 'erase a character',
  },
  {
    id: 'clear',
    keys: ['ctrl-u'],
    group: 'dialogs',
    in: ['filter', ...CHOICES],
    label: 'clear',
    help: 'erase everything that was typed',
  },
  {
    id: 'erase',
    keys: ['backspace', 'ctrl-h'],
    group: 'dialogs',
    in: ['act'],
    label: 'erase',
    help: 'erase a character of the name that PROD asks for',
    why: notTyping,
  },
  {
    id: 'clear',
    keys: ['ctrl-u'],
    group: 'dialogs',
    in: ['act'],
    label: 'clear',
    help: 'erase the name that PROD asks for',
    why: notTyping,
  },
  {
    id: 'back',
    keys: ['escape'],
    group: 'dialogs',
    in: ['filter', ...CHOICES],
    footer: 1,
    label: 'back',
    help: 'leave without a choice',
  },
  {
    id: 'back',
    keys: ['escape', 'q', 'n'],
    group: 'dialogs',
    in: ['act'],
    footer: 1,
    label: 'back',
    help: 'close the dialog; a running action continues',
  },
] as const satisfies readonly BindingSpec[];

/** The keys that open help and palette, close what is open, and leave the console. */
export const LEAVE_BINDINGS = [
  {
    id: 'palette',
    keys: [':'],
    group: 'leave',
    in: ['panes'],
    footer: 1,
    label: 'commands',
    help: 'find a command by its name',
  },
  {id: 'help', keys: ['?'], group: 'leave', in: ['panes'], footer: 1, label: 'help', help: 'show every key'},
  {
    id: 'back',
    keys: ['escape'],
    group: 'leave',
    in: ['panes'],
    label: 'back',
    help: 'leave, in this order: an ended action, zoom, what a row led to, filter, selection, a pane beyond the grid',
  },
  {
    id: 'back',
    keys: ['escape', 'q'],
    group: 'leave',
    in: ['rejects', ...READING],
    footer: 1,
    label: 'back',
    help: 'close what is open',
  },
  {id: 'quit', keys: ['q'], group: 'leave', in: ['panes'], footer: 1, label: 'quit', help: 'leave zoom, then quit'},
  {
    id: 'suspend',
    keys: ['ctrl-z'],
    group: 'leave',
    in: EVERYWHERE,
    label: 'suspend',
    help: 'return to the shell; fg resumes the console',
  },
  {id: 'quit_now', keys: ['ctrl-c'], group: 'leave', in: EVERYWHERE, label: 'quit now', help: 'quit at once'},
] as const satisfies readonly BindingSpec[];
