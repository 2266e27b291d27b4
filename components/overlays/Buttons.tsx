import {Box} from 'ink';
import type {ReactElement} from 'react';
import {lineWidth} from '../lines/line.ts';
import {TextLine} from '../lines/TextLine.tsx';
import type {Line, Span, Theme} from '../lines/theme.ts';

type ButtonsProps = {
  /** The button that has the focus. */
  readonly focus: 'cancel' | 'run';
  /** Run can be pressed. */
  readonly canRun: boolean;
  /** There is no Run: the action was refused. */
  readonly refused: boolean;
  /** In cells: the buttons are in the middle. */
  readonly width: number;
  readonly theme: Theme;
};

/** Cancel, and Run where the action may run. */
export function Buttons({focus, canRun, refused, width, theme}: ButtonsProps): ReactElement {
  const cancel: Span = focus === 'cancel' ? ['[ Cancel ]', 'button'] : ['  Cancel  ', 'plain'];
  const run: Span =
    focus === 'run' ? ['[ Run ]', canRun ? 'button' : 'faint'] : ['  Run  ', canRun ? 'strong' : 'faint'];
  const line: Line = refused ? [cancel] : [cancel, ['   '], run];
  return (
    <Box paddingTop={1} paddingLeft={Math.max(0, Math.floor((width - lineWidth(line)) / 2))}>
      <TextLine spans={line} width={width} theme={theme} />
    </Box>
  );
}
