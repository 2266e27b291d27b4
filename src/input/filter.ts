import {parseFilter} from '../core/filter.ts';
import {CLOSE, COMMON, type ContextKeys, type ContextOf, note, type Response} from './handler.ts';
import {EDITING, typeKey} from './text-line.ts';

/** The keys in the line of a pane's filter. */
export const FILTER_KEYS: ContextKeys<'filter'> = {
  typed: typeKey,
  commands: {...COMMON, ...EDITING, back: () => CLOSE, apply},
};

/** Keeps the filter; one that is not a valid expression stays open, with the reason. */
function apply({overlay, at}: ContextOf<'filter'>): Response {
  const parsed = parseFilter(overlay.text);
  if (!parsed.ok) return note(parsed.error, at);
  return {
    inputs: [
      {kind: 'pane', pane: overlay.pane, change: {filter: overlay.text.trim(), selected: undefined}},
      {kind: 'overlay', overlay: undefined},
    ],
  };
}
