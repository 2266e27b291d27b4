import {Box} from 'ink';
import type {ReactElement} from 'react';
import type {Acting} from '../../src/actions/plan.ts';
import type {Micros} from '../../src/core/time.ts';
import {memoOnScreen} from '../lines/screen-memo.ts';
import {TextLine} from '../lines/TextLine.tsx';
import type {Theme} from '../lines/theme.ts';
import {ActionLine} from './ActionLine.tsx';
import {alertLines, type ShownAlert} from './alert-lines.ts';

type AlertBarProps = {
  /** Worst first. */
  readonly alerts: readonly ShownAlert[];
  /** A short message to the user; undefined: none. */
  readonly note: string | undefined;
  /** The action under way or ended whose dialog is closed; undefined: none. */
  readonly acting: Acting | undefined;
  readonly now: Micros;
  readonly width: number;
  /** In lines. */
  readonly height: number;
  readonly theme: Theme;
};

/** What wants attention: a message to the user, the action whose dialog is closed, and the worst alerts. */
export const AlertBar = memoOnScreen(function AlertBar({
  alerts,
  note,
  acting,
  now,
  width,
  height,
  theme,
}: AlertBarProps): ReactElement {
  const withNote = note !== undefined;
  const withAction = acting !== undefined && (!withNote || height > 1);
  const room = height - Number(withNote) - Number(withAction);
  const lines = room > 0 ? alertLines(alerts, width, room) : [];
  return (
    <Box flexDirection="column" height={height} flexShrink={0}>
      {withNote && <TextLine spans={[[' '], [note, 'accent']]} width={width} theme={theme} />}
      {withAction && <ActionLine acting={acting} now={now} width={width} theme={theme} />}
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's identity is its position on the screen.
        <TextLine key={i} spans={line} width={width} theme={theme} />
      ))}
    </Box>
  );
});
