import {sanitise} from '../../src/core/sanitise.ts';
import {pad, tail, wrap} from '../../src/core/width.ts';
import {actionOf} from '../../src/input/action-bindings.ts';
import {formOf} from '../../src/input/forms.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import type {Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

const ABOUT = 2;

/** The fields of a form, with what was typed into them, and what the present one takes. */
export function formContent(overlay: Extract<Overlay, {kind: 'form'}>, width: number): OverlayContent {
  const {actionId, values, at, row, about: whose} = overlay;
  const fields = (formOf(actionId)?.fields ?? []).filter(({id}) => id in values);
  const label = Math.max(0, ...fields.map(field => field.label.length)) + 2;
  const about = wrap(fields[at]?.help ?? '', width).slice(0, ABOUT);
  return {
    title: [
      [actionOf(actionId)?.title ?? actionId, 'title'],
      [row === '' ? '' : ` ${sanitise(row, 160)}`, 'strong'],
      [whose === undefined ? '' : ` ${whose}`],
    ],
    right: [['nothing runs yet', 'faint']],
    foot: [['type · Tab, ↑↓ field · ⏎ show the plan · Esc back', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [[], ...Array.from({length: ABOUT}, (_, i): Line => [[about[i] ?? '', 'faint']])],
    lines: fields.map(({id, label: name}, i): Line => {
      const text = tail(sanitise(values[id] ?? ''), Math.max(1, width - label - 3));
      return [
        [i === at ? '▸ ' : '  ', 'title'],
        [pad(name, label), 'faint'],
        ...(i === at ? ([[`${text}▏`, 'accent']] as Line) : ([[text]] as Line)),
      ];
    }),
    scroll: {at},
  };
}
