import {Box, type BoxProps, Text} from 'ink';
import type {ReactElement} from 'react';
import {edgeLabels, type FrameContent} from './frame.ts';
import {Lines} from './Lines.tsx';
import {type Line, lineWidth, render, type Style, type Theme} from './theme.ts';

export type FrameProps = FrameContent & {readonly theme: Theme; readonly faint?: boolean};

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

/**
 * Lines in a frame with texts in its edges. Ink draws the border: as a part of each row it would be measured with it at
 * every frame, which costs ten times what an ASCII row does. The width may shrink: when a terminal gets narrower, Ink
 * draws the old frame on it once more, and a line too long would wrap and push the others away.
 */
export function Frame({
  title,
  right,
  rows,
  foot,
  position: place,
  width,
  tone,
  theme,
  faint = false,
}: FrameProps): ReactElement {
  const [titleText, rightText] = edgeLabels(title, right, width);
  const [footText, placeText] = edgeLabels(foot, place, width);
  const edge = (line: Line, at: BoxProps) =>
    line.length === 0 ? null : (
      <Box position="absolute" {...at}>
        <Text wrap="truncate-end">{render(line, lineWidth(line), theme, faint)}</Text>
      </Box>
    );
  return (
    <Box
      flexDirection="column"
      width={width}
      height={rows.length + 2}
      borderStyle={theme.ascii ? ASCII_BORDER : 'round'}
      {...borderTone(faint ? 'faint' : tone, theme)}
    >
      <Lines lines={rows} width={Math.max(0, width - 2)} theme={theme} faint={faint} />
      {edge(titleText, {top: -1, left: 1})}
      {edge(rightText, {top: -1, right: 1})}
      {edge(footText, {bottom: -1, left: 1})}
      {edge(placeText, {bottom: -1, right: 1})}
    </Box>
  );
}

function borderTone(tone: Style, {colour}: Theme): BoxProps {
  if (tone === 'faint' || !colour) return tone === 'faint' ? {borderDimColor: true} : {};
  return {borderColor: tone === 'crit' ? 'red' : 'cyan'};
}
