import {Box} from 'ink';
import type {ReactElement} from 'react';
import type {Acting} from '../../src/actions/plan.ts';
import type {Environment} from '../../src/config/config.ts';
import type {Micros} from '../../src/core/time.ts';
import {tail} from '../../src/core/width.ts';
import {banner} from '../chrome/banner.ts';
import {Lines} from '../lines/Lines.tsx';
import {TextLine} from '../lines/TextLine.tsx';
import type {Line, Theme} from '../lines/theme.ts';
import {Buttons} from './Buttons.tsx';
import {dialogLayout} from './dialog-layout.ts';
import {positionOf} from './ListOverlay.tsx';
import {OverlayBox} from './OverlayBox.tsx';

export type ActionDialogProps = {
  readonly acting: Acting;
  readonly environment: Environment;
  /** The button that has the focus. */
  readonly focus: 'cancel' | 'run';
  /** What was typed of the target's name. */
  readonly typed: string;
  /** The first line in sight. Default: 0. */
  readonly scroll?: number;
  /** The target's name must be typed before the action runs. */
  readonly mustType: boolean;
  /** Run can be pressed: nothing speaks against it, and the name was typed where it must be. */
  readonly canRun: boolean;
  readonly now: Micros;
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
};

/** The dialog of an action: what it would do and to what, then how far it is, then how it ended. */
export function ActionDialog(props: ActionDialogProps): ReactElement {
  const {acting, environment, columns, rows, theme} = props;
  const {width, inner, plan, typing, refusal, lines, height, page} = dialogLayout(props);
  const start = Math.max(0, Math.min(props.scroll ?? 0, lines.length - page));
  return (
    <OverlayBox
      title={[
        [`${acting.title} `, 'title'],
        [acting.targetName, 'strong'],
      ]}
      right={[banner(environment, theme)]}
      foot={[[footOf(acting, typing), 'faint']]}
      position={positionOf(start, page, lines.length)}
      tone={environment === 'prod' ? 'crit' : 'accent'}
      {...{width, height, columns, rows, theme}}
    >
      <Box flexDirection="column" paddingLeft={1} flexShrink={0}>
        <Lines lines={[...lines.slice(start, start + page), ...refusal]} width={inner} theme={theme} />
        {plan && typing && <TypePrompt target={plan.targetName} typed={props.typed} width={inner} theme={theme} />}
        {plan && (
          <Buttons
            focus={props.focus}
            canRun={props.canRun}
            refused={plan.refusal !== undefined}
            width={inner}
            theme={theme}
          />
        )}
      </Box>
    </OverlayBox>
  );
}

function footOf({phase, plan, outcome}: Acting, typing: boolean): string {
  if (phase === 'ended' && outcome) return '⏎ or Esc close';
  if (phase === 'running') return 'Ctrl-X cancel on the server · Esc leave it running';
  if (phase !== 'confirm' || plan === undefined) return 'Esc back';
  if (plan.refusal !== undefined) return '⏎ Cancel';
  return typing ? 'type the name · Tab, ⏎ run · Esc cancel' : 'y run · Tab other button · ⏎ press · Esc cancel';
}

type TypePromptProps = {
  readonly target: string;
  readonly typed: string;
  readonly width: number;
  readonly theme: Theme;
};

// Cells for what was typed: its end is shown.
const TYPED = 40;

function TypePrompt({target, typed, width, theme}: TypePromptProps): ReactElement {
  const spans: Line = [['Type '], [target, 'strong'], [' to confirm: '], [`${tail(typed, TYPED)}▏`, 'accent']];
  return (
    <Box paddingTop={1}>
      <TextLine spans={spans} width={width} theme={theme} />
    </Box>
  );
}
