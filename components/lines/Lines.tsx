import {Box, Text} from 'ink';
import type {ReactElement} from 'react';
import {renderLine} from './line.ts';
import type {Line, Theme} from './theme.ts';

type LinesProps = {readonly lines: readonly Line[]; readonly width: number; readonly theme: Theme};

/** Lines of exactly `width` cells, one <Text> each: a <Box> for each cell costs three times the processor time. */
export function Lines({lines, width, theme}: LinesProps): ReactElement {
  return (
    <Box flexDirection="column">
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's identity is its position on the screen.
        <Text key={i} wrap="truncate-end">
          {renderLine(line, width, theme)}
        </Text>
      ))}
    </Box>
  );
}
