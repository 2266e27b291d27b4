import {Box, type BoxProps, Text} from 'ink';
import type {ReactElement, ReactNode} from 'react';
import {edgeLabels} from './frame.ts';
import {lineWidth, renderLine} from './line.ts';
import type {Line, Style, Theme} from './theme.ts';

/** The labels in the edges of a frame. */
export type FrameLabels = {
  /** In the upper edge, at the left and at the right. */
  readonly title: Line;
  readonly right?: Line;
  /** In the lower edge, at the left and at the right. */
  readonly foot?: Line;
  readonly position?: Line;
};

export type FrameProps = FrameLabels & {
  readonly width: number;
  readonly height: number;
  /** Colour of the border: `faint`, `accent` or `crit`. */
  readonly tone: Style;
  readonly theme: Theme;
  /** Has two cells less than `width`, and two lines less than `height`. */
  readonly children?: ReactNode;
};

const ASCII_BORDER: BoxProps['borderStyle'] = {
  topLeft: '+',
  top: '-',
  topRight: '+',
  right: '|',
  bottomRight: '+',
  bottom: '-',
  bottomLeft: '+',
  left: '|',
};

const NOTHING: Line = [];

/**
 * A frame with labels in its edges. Ink draws the border: if it were part of each row's text, Ink would measure it at
 * every frame, which costs ten times as much as a row of ASCII. The frame may shrink: when a terminal gets narrower, Ink
 * draws the old frame on it once more, and a line that is too long would wrap and push the others away.
 */
export function Frame({title, right, foot, position, width, height, tone, theme, children}: FrameProps): ReactElement {
  const [titleLabel, rightLabel] = edgeLabels(title, right ?? NOTHING, width);
  const [positionLabel, footLabel] = edgeLabels(position ?? NOTHING, foot ?? NOTHING, width);
  const label = (line: Line, at: BoxProps) =>
    line.length === 0 ? null : (
      <Box position="absolute" {...at}>
        <Text wrap="truncate-end">{renderLine(line, lineWidth(line), theme)}</Text>
      </Box>
    );
  return (
    <Box
      flexDirection="column"
      width={width}
      height={height}
      borderStyle={theme.ascii ? ASCII_BORDER : 'round'}
      {...borderTone(tone, theme)}
    >
      {children}
      {label(titleLabel, {top: -1, left: 1})}
      {label(rightLabel, {top: -1, right: 1})}
      {label(footLabel, {bottom: -1, left: 1})}
      {label(positionLabel, {bottom: -1, right: 1})}
    </Box>
  );
}

function borderTone(tone: Style, {colour, dimmed}: Theme): BoxProps {
  if (tone === 'faint' || dimmed) return {borderDimColor: true};
  return colour ? {borderColor: tone === 'crit' ? 'red' : 'cyan'} : {};
}
