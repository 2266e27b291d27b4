import {Box} from 'ink';
import type {ReactElement} from 'react';
import {count} from '../../src/core/format.ts';
import {frameBottom, frameRow, frameTop} from '../frame.ts';
import {windowStart} from '../pane-lines.ts';
import type {SheetBox} from '../sheet.ts';
import type {Line, Theme} from '../theme.ts';
import {Lines} from './Lines.tsx';

export type SheetViewProps = {readonly box: SheetBox; readonly theme: Theme};

/** A sheet in its frame, over the panes. */
export function SheetView({box, theme}: SheetViewProps): ReactElement {
  return (
    <Box position="absolute" marginLeft={box.x} marginTop={box.y}>
      <Lines lines={sheetLines(box)} width={box.width} theme={theme} />
    </Box>
  );
}

/** The sheet as lines: its frame, and of the middle what is scrolled to. */
export function sheetLines({sheet, width, height, page}: SheetBox): readonly Line[] {
  const {scroll, lines, tone} = sheet;
  const total = lines.length;
  const start =
    typeof scroll === 'number' ? Math.max(0, Math.min(scroll, total - page)) : windowStart(scroll.at, page, total);
  const place = total > page ? `${count(start + 1)}–${count(Math.min(total, start + page))} of ${count(total)}` : '';
  const inside = [...sheet.top, ...lines.slice(start, start + page), ...sheet.bottom].slice(0, Math.max(0, height - 2));
  return [
    frameTop(sheet.title, sheet.right, width, tone),
    ...inside.map(line => frameRow([[' '], ...line], width, tone)),
    frameBottom(sheet.foot, place === '' ? [] : [[place, 'faint']], width, tone),
  ];
}
