import {pad, wrap} from '../../src/core/width.ts';
import type {BindingGroup} from '../../src/input/binding.ts';
import {BINDINGS, type Binding} from '../../src/input/bindings.ts';
import {keyLabel} from '../../src/input/keys.ts';
import type {State} from '../../src/model/state.ts';
import {GLYPH, type Line, type Theme} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

const GROUPS: Readonly<Record<BindingGroup, string>> = {
  panes: 'Panes',
  rows: 'Rows',
  screen: 'Screen',
  act: 'Act',
  dialogs: 'In dialogs',
  leave: 'Leave',
};

/** Every key, from the list of bindings that the dispatcher uses. */
export function helpOverlay(state: State, scroll: number, width: number, theme: Theme): OverlayContent {
  const lines = (Object.keys(GROUPS) as BindingGroup[]).flatMap(group => [
    [[GROUPS[group], 'strong']] as Line,
    ...BINDINGS.filter(b => b.group === group).flatMap(b => bindingLines(b, state, width, theme)),
    [],
  ]);
  return {
    title: [['Keys', 'title']],
    right: [['lower case looks, upper case acts', 'faint']],
    foot: [['Esc back', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines: [...lines, [['Signs', 'strong']], ...SIGNS],
    scroll,
  };
}

const SIGNS: readonly Line[] = [
  [['  '], [GLYPH.ok, 'ok'], [' ok   '], [GLYPH.warn, 'warn'], [' warning   '], [GLYPH.crit, 'crit'], [' critical']],
  [['  '], [GLYPH.idle, 'faint'], [' no answer yet   · read from the table   n/a: not known']],
];

function bindingLines(binding: Binding, state: State, width: number, theme: Theme): readonly Line[] {
  const keys = binding.keys.map(key => keyLabel(key, theme.ascii)).join(' ');
  const why = binding.in.includes('panes') ? binding.why(state) : undefined;
  const lines = wrap(why === undefined ? binding.help : `${binding.help} (now: ${why})`, Math.max(10, width - 23));
  return lines.map((line, i) => [
    [`  ${pad(i === 0 ? keys : '', 21)}`, why === undefined ? 'accent' : 'faint'],
    [line, why === undefined ? 'plain' : 'faint'],
  ]);
}
