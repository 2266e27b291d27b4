import type {Action} from '../actions/action.ts';
import type {State} from '../model/state.ts';
import type {PaneId} from '../model/ui-state.ts';
import type {View} from '../model/views.ts';
import {ACTIONS, actionHelp, whyNoAction} from './action-bindings.ts';
import {bindingsIn} from './bindings.ts';
import type {Viewport} from './effect.ts';
import {formOf} from './forms.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, moving, note, open, type Response} from './handler.ts';
import {type Key, keyLabel, PANE_DIGITS} from './keys.ts';
import {selectedRow} from './row-places.ts';
import {startAction} from './start-action.ts';
import {EDITING, typeKey} from './text-line.ts';
import {goToPane, goToView} from './views.ts';

/** A command, a pane or a view that the palette offers. */
export type PaletteEntry = {
  readonly keys: readonly Key[];
  readonly help: string;
  /** Why it is not possible now; undefined: it is. */
  readonly why: string | undefined;
  /** Where it leads; undefined: it does what its first key does. */
  readonly to?: {readonly pane: PaneId} | {readonly view: View} | {readonly action: Action};
  /** The incident that it begins or ends. */
  readonly incident?: string;
};

/** What the palette must know of the screen. */
export type PaletteScreen = Pick<Viewport, 'panes' | 'views' | 'view'>;

/** Every pane, view and command over the panes whose keys, label and help contain all words of the filter. */
export function paletteEntries(state: State, screen: PaletteScreen, filter: string): readonly PaletteEntry[] {
  const words = filter.toLowerCase().split(/\s+/);
  const places = [...paneEntries(screen), ...viewEntries(screen)];
  return [...boundEntries(state, places), ...actionEntries(state), ...incidentEntries(state)]
    .filter(({keys, label, help}) => {
      const text = [...keys.map(key => keyLabel(key)), label, help].join(' ').toLowerCase();
      return words.every(word => text.includes(word));
    })
    .map(({label, ...entry}) => entry);
}

/** One entry for each command that has a key. */
const boundEntries = (state: State, places: readonly Named[]): readonly Named[] =>
  bindingsIn('panes')
    .filter(({id}) => id !== 'palette')
    .flatMap(({id, keys, label, help, why}) => (id === 'pane' ? places : [{keys, label, help, why: why(state)}]));

/** Whether an action has no key, and neither a flag nor a target that only a command or a row can give. */
const isChosenHere = ({id, key, targets, flags}: Action): boolean =>
  key === '' &&
  flags === undefined &&
  !targets.includes('month') &&
  (!targets.includes('rows') || (formOf(id) !== undefined && !id.endsWith('-quarantine')));

/** One entry for each action that only the palette can begin. */
const actionEntries = (state: State): readonly Named[] =>
  ACTIONS.filter(isChosenHere).map(action => ({
    keys: [],
    label: action.id,
    help: actionHelp(action),
    why: whyNoAction(state, action),
    to: {action},
  }));

/** An entry with what the filter finds it by, besides its keys and its help. */
type Named = PaletteEntry & {readonly label: string};

/** One entry for each pane, first those of the view with their digits. */
function paneEntries({panes, view}: PaletteScreen): readonly Named[] {
  const place = (id: PaneId): number => (view.panes.indexOf(id) + MANY) % MANY;
  return panes
    .toSorted((a, b) => place(a.id) - place(b.id))
    .map(({id, title}) => {
      const digit = PANE_DIGITS[view.panes.indexOf(id)];
      const help = `go to the pane ${title}`;
      return {keys: digit === undefined ? [] : [digit], label: id, help, why: undefined, to: {pane: id}};
    });
}

// More than there are panes: those that are not in the view come after the others.
const MANY = 1000;

const viewEntries = ({views}: PaletteScreen): readonly Named[] =>
  views.map(view => ({keys: [], label: '', help: `go to the view ${view.name}`, why: undefined, to: {view}}));

const incidentEntries = ({about: {incidents = []}}: State): readonly Named[] =>
  incidents.map(({name, does}) => ({
    keys: [],
    label: 'incident',
    help: `incident ${name}: ${does}; again: end it`,
    why: undefined,
    incident: name,
  }));

/** The index of the selected entry among these. */
export const paletteIndex = (entries: readonly PaletteEntry[], selected: number): number =>
  Math.max(0, Math.min(selected, entries.length - 1));

/** The keys in the palette. */
export const PALETTE_KEYS: ContextKeys<'palette'> = {
  typed: typeKey,
  commands: {
    ...COMMON,
    ...EDITING,
    back: () => CLOSE,
    ...moving(move),
    apply,
  },
};

const entriesOf = ({state, viewport, overlay}: ContextOf<'palette'>): readonly PaletteEntry[] =>
  paletteEntries(state, viewport, overlay.filter);

function move(context: ContextOf<'palette'>, by: number): Response {
  const {overlay} = context;
  const entries = entriesOf(context);
  return open({...overlay, selected: paletteIndex(entries, paletteIndex(entries, overlay.selected) + by)});
}

/** Closes the palette and does what was chosen: for a command what its key does over the panes, its refusal included. */
function apply(context: ContextOf<'palette'>): Response {
  const entries = entriesOf(context);
  const {keys: [key] = [], to, why, incident} = entries[paletteIndex(entries, context.overlay.selected)] ?? {};
  if (to !== undefined && 'action' in to) {
    if (why !== undefined) return note(`${to.action.title}: ${why}`, context.at);
    const {inputs = [], effects} = startAction(context, to.action, selectedRow(context));
    return {inputs: [...(CLOSE.inputs ?? []), ...inputs], ...(effects ? {effects} : {})};
  }
  if (incident !== undefined) return {...CLOSE, effects: [{kind: 'incident', name: incident}]};
  if (to !== undefined) {
    const {inputs = []} = 'pane' in to ? goToPane(context, to.pane) : goToView(context, to.view);
    return {inputs: [...(CLOSE.inputs ?? []), ...inputs]};
  }
  return key === undefined ? note('there is nothing to choose', context.at) : {...CLOSE, nextKey: key};
}
