import type {ReactElement} from 'react';
import {tail} from '../../src/core/width.ts';
import type {Binding} from '../../src/input/bindings.ts';
import {keyLabel} from '../../src/input/keys.ts';
import {memoOnScreen} from '../lines/screen-memo.ts';
import type {Theme} from '../lines/theme.ts';
import type {LinePart} from './line-parts.ts';
import {StatusLine} from './StatusLine.tsx';

type FooterBinding = Pick<Binding, 'keys' | 'shown' | 'label' | 'footer'>;

type FooterProps = {
  /** The keys that work now, the most important first. */
  readonly bindings: readonly FooterBinding[];
  /** The filter that is being typed; undefined: none is. */
  readonly filter: string | undefined;
  readonly width: number;
  readonly theme: Theme;
};

/** One line: the keys that work now, as many as there is room for. */
export const Footer = memoOnScreen(function Footer({bindings, filter, width, theme}: FooterProps): ReactElement {
  const keys = bindings.map(
    (binding): LinePart => ({
      drop: binding.footer ?? 0,
      spans: [
        [shownKeys(binding, theme.ascii), 'strong'],
        [` ${binding.label}`, 'faint'],
      ],
    }),
  );
  const typed = filter === undefined ? [] : [prompt(filter, width)];
  return <StatusLine left={[...typed, ...keys]} width={width} theme={theme} />;
});

const prompt = (filter: string, width: number): LinePart => ({
  drop: 0,
  spans: [
    ['/', 'title'],
    [`${tail(filter, Math.floor(width / 2))}▏`, 'accent'],
  ],
});

/** The keys of a binding as the screen names them. */
function shownKeys({shown, keys}: FooterBinding, ascii: boolean): string {
  if (shown !== undefined && !(ascii && /[^ -~]/.test(shown))) return shown;
  return keys
    .slice(0, 1)
    .map(key => keyLabel(key, ascii))
    .join(' ');
}
