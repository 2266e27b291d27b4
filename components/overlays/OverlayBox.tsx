import {Box} from 'ink';
import type {ReactElement} from 'react';
import {count} from '../../src/core/format.ts';
import {Frame} from '../lines/Frame.tsx';
import {Lines} from '../lines/Lines.tsx';
import {windowStart} from '../lines/table-lines.ts';
import type {Line, Theme} from '../lines/theme.ts';
import type {OverlayLayout} from './overlay.ts';

export type OverlayBoxProps = {readonly box: OverlayLayout; readonly theme: Theme};

/** An overlay in its frame, over the panes. */
export function OverlayBox({box, theme}: OverlayBoxProps): ReactElement {
  return (
    <Box position="absolute" left={0} right={0} top={box.y} paddingLeft={box.x}>
      <OverlayFrame box={box} theme={theme} />
    </Box>
  );
}

/** The overlay in its frame, and of its middle what is scrolled to. */
export function OverlayFrame({box: {content, width, height, page}, theme}: OverlayBoxProps): ReactElement {
  const {scroll, lines, tone} = content;
  const total = lines.length;
  const start =
    typeof scroll === 'number' ? Math.max(0, Math.min(scroll, total - page)) : windowStart(scroll.at, page, total);
  const place = total > page ? `${count(start + 1)}–${count(Math.min(total, start + page))} of ${count(total)}` : '';
  const inside = [...content.top, ...lines.slice(start, start + page), ...content.bottom].slice(
    0,
    Math.max(0, height - 2),
  );
  const {title, right, foot} = content;
  const position: Line = place === '' ? [] : [[place, 'faint']];
  return (
    <Frame {...{title, right, foot, position, width, height, tone, theme}}>
      <Lines lines={inside.map(line => [[' '], ...line])} width={Math.max(0, width - 2)} theme={theme} />
    </Frame>
  );
}
