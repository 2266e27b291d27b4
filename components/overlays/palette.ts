import {count} from '../../src/core/format.ts';
import {pad, tail, wrap} from '../../src/core/width.ts';
import {keyLabel} from '../../src/input/keys.ts';
import {type PaletteEntry, paletteEntries, paletteIndex} from '../../src/input/palette.ts';
import type {State} from '../../src/model/state.ts';
import type {Overlay} from '../../src/model/ui-state.ts';
import type {Line, Theme} from '../lines/theme.ts';
import {PANES} from '../panes/index.ts';
import {viewOf, viewsOf} from '../views.ts';
import type {OverlayContent} from './overlay.ts';

type Palette = Extract<Overlay, {kind: 'palette'}>;

// Cells for the keys of a command.
const KEYS = 13;
// Lines for the sentences about the selected command.
const ABOUT = 2;

/** Every pane, view and command over the panes by its name, with its keys and with the reason where it is not possible now. */
export function paletteOverlay(state: State, overlay: Palette, width: number, theme: Theme): OverlayContent {
  const entries = paletteEntries(
    state,
    {panes: PANES, views: viewsOf(state.about), view: viewOf(state)},
    overlay.filter,
  );
  const at = paletteIndex(entries, overlay.selected);
  const none: Line = [['No command has such a name.', 'faint']];
  return {
    title: [['Commands', 'title']],
    right: [[`${count(entries.length)} ${entries.length === 1 ? 'command' : 'commands'}`, 'faint']],
    foot: [['type to narrow down · ↑↓ choose · ⏎ do it · Esc back', 'faint']],
    tone: 'accent',
    top: [[['  '], [`${tail(overlay.filter, width - 6)}▏`, 'accent']]],
    bottom: about(entries[at], width),
    lines: entries.length === 0 ? [none] : entries.map((entry, i) => entryLine(entry, i === at, width, theme)),
    scroll: {at},
  };
}

function entryLine({keys, help, why}: PaletteEntry, chosen: boolean, width: number, theme: Theme): Line {
  const label = pad(keys.map(key => keyLabel(key, theme.ascii)).join(' '), KEYS);
  const text = pad(help, Math.max(8, width - 2 - KEYS));
  if (chosen) {
    return [
      ['▸ ', 'title'],
      [label + text, 'select'],
    ];
  }
  const possible = why === undefined;
  return [['  '], [label, possible ? 'accent' : 'faint'], [text, possible ? 'plain' : 'faint']];
}

/** The whole sentence of the selected command, and why it is not possible now. Always as many lines. */
function about(entry: PaletteEntry | undefined, width: number): readonly Line[] {
  const text = entry === undefined ? '' : entry.why === undefined ? entry.help : `now: ${entry.why}. ${entry.help}`;
  const lines = wrap(text, width).slice(0, ABOUT);
  return [[], ...Array.from({length: ABOUT}, (_, i): Line => [[lines[i] ?? '', 'faint']])];
}
