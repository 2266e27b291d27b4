import {Box, Text} from 'ink';
import type {ReactElement} from 'react';
import {type Line, render, type Theme} from './theme.ts';

export type LinesProps = {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly theme: Theme;
  /** Takes the colours away and dims: for what lies under a dialog. */
  readonly faint?: boolean;
};

/** Lines of exactly `width` cells, one text each: boxes in a row cost more than twice the processor time. */
export function Lines({lines, width, theme, faint = false}: LinesProps): ReactElement {
  return (
    <Box flexDirection="column">
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen.
        <Text key={i} wrap="truncate-end">
          {render(line, width, theme, faint)}
        </Text>
      ))}
    </Box>
  );
}
