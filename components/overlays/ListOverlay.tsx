import type {ReactElement} from 'react';
import {count} from '../../src/core/format.ts';
import {Lines} from '../lines/Lines.tsx';
import {windowStart} from '../lines/table-lines.ts';
import type {Line, Theme} from '../lines/theme.ts';
import {OverlayBox} from './OverlayBox.tsx';
import type {OverlayLayout} from './overlay.ts';

type ListOverlayProps = OverlayLayout & {
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

/** A list over the panes: of its middle the lines that it is scrolled to. */
export function ListOverlay({content, width, height, page, columns, rows, theme}: ListOverlayProps): ReactElement {
  const {title, right, foot, tone, top, bottom, lines, scroll} = content;
  const total = lines.length;
  const start =
    typeof scroll === 'number' ? Math.max(0, Math.min(scroll, total - page)) : windowStart(scroll.at, page, total);
  const seen = [...top, ...lines.slice(start, start + page), ...bottom].slice(0, Math.max(0, height - 2));
  const position = positionOf(start, page, total);
  return (
    <OverlayBox {...{title, right, foot, position, width, height, tone, columns, rows, theme}}>
      <Lines lines={seen.map(line => [[' '], ...line])} width={Math.max(0, width - 2)} theme={theme} />
    </OverlayBox>
  );
}

/** Which lines are seen, where not all are: `1–9 of 12`. */
export function positionOf(start: number, page: number, total: number): Line {
  if (total <= page) return [];
  return [[`${count(start + 1)}–${count(Math.min(total, start + page))} of ${count(total)}`, 'faint']];
}
