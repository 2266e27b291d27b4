import {sanitise} from '../core/sanitise.ts';
import {dropLast} from '../core/width.ts';
import type {Overlay} from '../model/ui-state.ts';
import {type KeyContext, open, type Response} from './handler.ts';

/** The overlays with a line of text that every character is typed into. */
type TextOverlay = Extract<Overlay, {kind: 'filter' | 'chooser' | 'palette' | 'form'}>;

const LONGEST = 200;
/** The value of a setting may be a document. */
const LONGEST_FIELD = 4000;

const longest = ({kind}: TextOverlay): number => (kind === 'form' ? LONGEST_FIELD : LONGEST);

/** Whether an overlay has a line that text is typed into. */
export const hasText = (overlay: Overlay | undefined): overlay is TextOverlay =>
  overlay !== undefined && ['filter', 'chooser', 'palette', 'form'].includes(overlay.kind);

/** Types a character at the end of the line. */
export const typeKey = ({overlay, key}: KeyContext<TextOverlay>): Response => withText(overlay, textOf(overlay) + key);

/** Types pasted text at the end of the line, in one line and sanitised. */
export const pasteText = (overlay: TextOverlay, text: string): Response =>
  withText(overlay, textOf(overlay) + sanitise(text, longest(overlay)).trim());

/** The commands that edit the line. */
export const EDITING = {
  erase: ({overlay}: KeyContext<TextOverlay>): Response => withText(overlay, dropLast(textOf(overlay))),
  clear: ({overlay}: KeyContext<TextOverlay>): Response => withText(overlay, ''),
} as const;

function textOf(overlay: TextOverlay): string {
  if (overlay.kind === 'filter') return overlay.text;
  return overlay.kind === 'form' ? (overlay.values[fieldOf(overlay)] ?? '') : overlay.filter;
}

/** The id of the form's field that is typed into. */
const fieldOf = ({values, at}: Extract<Overlay, {kind: 'form'}>): string => Object.keys(values)[at] ?? '';

/** The overlay with another text in its line. A list of choices goes back to its first entry. */
function withText(overlay: TextOverlay, long: string): Response {
  const text = long.slice(0, longest(overlay));
  if (overlay.kind === 'filter') return open({...overlay, text});
  if (overlay.kind === 'form') return open({...overlay, values: {...overlay.values, [fieldOf(overlay)]: text}});
  if (overlay.kind === 'palette') return open({kind: 'palette', selected: 0, filter: text});
  const {key, ...rest} = overlay;
  return open({...rest, selected: 0, filter: text});
}
