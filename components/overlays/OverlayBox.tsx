import {Box} from 'ink';
import type {ReactElement} from 'react';
import {count} from '../../src/core/format.ts';
import {Frame} from '../lines/Frame.tsx';
import type {Framed} from '../lines/frame.ts';
import {windowStart} from '../lines/pane-lines.ts';
import type {Theme} from '../lines/theme.ts';
import type {SheetBox} from './overlay.ts';

export type SheetViewProps = {readonly box: SheetBox; readonly theme: Theme};

/** A sheet in its frame, over the panes. */
export function SheetView({box, theme}: SheetViewProps): ReactElement {
  return (
    <Box position="absolute" left={0} right={0} top={box.y} paddingLeft={box.x}>
      <Frame {...sheetFrame(box)} theme={theme} />
    </Box>
  );
}

/** The sheet in its frame, and of its middle what is scrolled to. */
export function sheetFrame({sheet, width, height, page}: SheetBox): Framed {
  const {scroll, lines, tone} = sheet;
  const total = lines.length;
  const start =
    typeof scroll === 'number' ? Math.max(0, Math.min(scroll, total - page)) : windowStart(scroll.at, page, total);
  const place = total > page ? `${count(start + 1)}–${count(Math.min(total, start + page))} of ${count(total)}` : '';
  const inside = [...sheet.top, ...lines.slice(start, start + page), ...sheet.bottom].slice(0, Math.max(0, height - 2));
  return {
    title: sheet.title,
    right: sheet.right,
    rows: inside.map(line => [[' '], ...line]),
    foot: sheet.foot,
    place: place === '' ? [] : [[place, 'faint']],
    width,
    tone,
  };
}
