import {Box} from 'ink';
import type {ReactElement} from 'react';
import {Frame, type FrameProps} from '../lines/Frame.tsx';
import {Lines} from '../lines/Lines.tsx';
import {overlayTop} from './overlay.ts';

type OverlayBoxProps = FrameProps & {
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
};

/** A frame in the middle of the screen, over the panes. */
export function OverlayBox({columns, rows, children, ...frame}: OverlayBoxProps): ReactElement {
  const {width, height, theme} = frame;
  const left = Math.floor((columns - width) / 2);
  const top = overlayTop(rows, height);
  const blank = Array.from({length: Math.max(0, height - 2)}, () => []);
  return (
    <Box position="absolute" left={0} right={0} top={top} paddingLeft={left}>
      <Frame {...frame}>
        <Box position="absolute">
          {/* Hides the panes beside a line that is shorter than the frame. */}
          <Lines lines={blank} width={Math.max(0, width - 2)} theme={theme} />
        </Box>
        {children}
      </Frame>
    </Box>
  );
}
