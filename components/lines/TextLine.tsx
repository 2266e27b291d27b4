import {Text} from 'ink';
import type {ReactElement} from 'react';
import {isolate} from '../../src/core/width.ts';
import {cutLine} from './line.ts';
import {type Line, paint, type Theme} from './theme.ts';

type TextLineProps = {
  readonly spans: Line;
  /** In cells; what does not fit is cut at the right. */
  readonly width: number;
  readonly theme: Theme;
};

/**
 * One line of text in pieces of several styles. It is never wrapped: on a terminal that has become narrower before the
 * screen knows it, Ink cuts it once more. The pieces are one string: with a nested <Text> for each
 * a whole frame of 160×48 took 10 % more processor time (1,200 frames of each kind, alternating in one process).
 */
export function TextLine({spans, width, theme}: TextLineProps): ReactElement {
  const painted = cutLine(spans, width).map(([text, style]) => paint(isolate(text), style, theme));
  return <Text wrap="truncate-end">{painted.join('')}</Text>;
}
