import type {ReactElement} from 'react';
import {tail} from '../../src/core/width.ts';
import {type Binding, footerBindings} from '../../src/input/bindings.ts';
import {keyLabel} from '../../src/input/keys.ts';
import type {State} from '../../src/model/state.ts';
import {bar, part} from '../lines/bar.ts';
import {Lines} from '../lines/Lines.tsx';
import type {Theme} from '../lines/theme.ts';

export type FooterProps = {readonly state: State; readonly width: number; readonly theme: Theme};

/** The keys that work here and now, as many as there is room for. */
export function Footer({state, width, theme}: FooterProps): ReactElement {
  const parts = footerBindings(state).map(binding =>
    part(binding.footer ?? 0, [shownKeys(binding, theme.ascii), 'strong'], [` ${binding.label}`, 'faint']),
  );
  const {overlay} = state.ui;
  const prompt =
    overlay?.kind === 'filter'
      ? [part(0, ['/', 'title'], [`${tail(overlay.text, Math.floor(width / 2))}▏`, 'accent'])]
      : [];
  return <Lines lines={[bar([...prompt, ...parts], [], width)]} width={width} theme={theme} />;
}

/** The keys of a binding as they are named on the screen. */
function shownKeys({shown, keys}: Binding, ascii: boolean): string {
  if (shown !== undefined && !(ascii && /[^ -~]/.test(shown))) return shown;
  return keys
    .slice(0, 1)
    .map(key => keyLabel(key, ascii))
    .join(' ');
}
