import {Box} from 'ink';
import type {ReactElement} from 'react';
import {lineWidth} from '../lines/line.ts';
import {TextLine} from '../lines/TextLine.tsx';
import type {Line, Theme} from '../lines/theme.ts';
import {fitParts, GAP, type LinePart} from './line-parts.ts';

type StatusLineProps = {
  readonly left: readonly LinePart[];
  readonly right?: readonly LinePart[];
  /** Width of the terminal in cells: it decides which parts are left out. */
  readonly width: number;
  readonly theme: Theme;
};

/** One line of parts at the left and at the right, without the less important ones where there is no room for all. */
export function StatusLine({left, right = [], width, theme}: StatusLineProps): ReactElement {
  const fitting = new Set(fitParts([...left, ...right], width));
  const spansOf = (parts: readonly LinePart[]) => joined(parts.filter(part => fitting.has(part)));
  const end = spansOf(right);
  const endWidth = end.length === 0 ? 0 : lineWidth(end) + 1;
  return (
    <Box justifyContent="space-between" paddingLeft={1} flexShrink={0}>
      <TextLine spans={spansOf(left)} width={width - 1 - endWidth} theme={theme} />
      {endWidth > 0 && (
        <Box width={endWidth} flexShrink={0}>
          <TextLine spans={end} width={endWidth} theme={theme} />
        </Box>
      )}
    </Box>
  );
}

const joined = (parts: readonly LinePart[]): Line =>
  parts.flatMap(({spans}, i): Line => (i === 0 ? spans : [[' '.repeat(GAP)], ...spans]));
