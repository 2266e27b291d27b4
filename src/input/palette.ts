import type {State} from '../model/state.ts';
import {type Binding, bindingsIn} from './bindings.ts';
import type {Viewport} from './effect.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, moving, note, open, type Response} from './handler.ts';
import {type Key, keyLabel} from './keys.ts';
import {EDITING, typeKey} from './text-line.ts';

/** A command that the palette offers. */
export type PaletteEntry = {
  readonly keys: readonly Key[];
  readonly help: string;
  /** Why it is not possible now; undefined: it is. */
  readonly why: string | undefined;
};

/** Every command over the panes whose keys, label and help contain all words of the filter. */
export function paletteEntries(state: State, panes: Viewport['panes'], filter: string): readonly PaletteEntry[] {
  const words = filter.toLowerCase().split(/\s+/);
  return bindingsIn('panes')
    .filter(({id}) => id !== 'palette')
    .flatMap(binding => (binding.id === 'pane' ? paneEntries(binding, panes) : [binding]))
    .filter(({keys, label, help}) => {
      const text = [...keys.map(key => keyLabel(key)), label, help].join(' ').toLowerCase();
      return words.every(word => text.includes(word));
    })
    .map(({keys, help, why}) => ({keys, help, why: why(state)}));
}

/** One entry for each pane that has a digit, by its title. */
const paneEntries = (binding: Binding, panes: Viewport['panes']): readonly Binding[] =>
  panes
    .filter(({key}) => key !== '')
    .map(({key, title}) => ({...binding, keys: [key], help: `go to the pane ${title}`}));

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
  paletteEntries(state, viewport.panes, overlay.filter);

function move(context: ContextOf<'palette'>, by: number): Response {
  const {overlay} = context;
  const entries = entriesOf(context);
  return open({...overlay, selected: paletteIndex(entries, paletteIndex(entries, overlay.selected) + by)});
}

/** Closes the palette and does what the chosen command's key does over the panes, its refusal included. */
function apply(context: ContextOf<'palette'>): Response {
  const entries = entriesOf(context);
  const key = entries[paletteIndex(entries, context.overlay.selected)]?.keys[0];
  return key === undefined ? note('there is nothing to choose', context.at) : {...CLOSE, nextKey: key};
}
