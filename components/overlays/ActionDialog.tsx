import {Box} from 'ink';
import type {ReactElement} from 'react';
import type {Acting} from '../../src/actions/action.ts';
import type {Environment} from '../../src/config/config.ts';
import {age} from '../../src/core/format.ts';
import type {Micros} from '../../src/core/time.ts';
import {tail} from '../../src/core/width.ts';
import {banner} from '../chrome/banner.ts';
import {Lines} from '../lines/Lines.tsx';
import {paragraph} from '../lines/paragraph.ts';
import {TextLine} from '../lines/TextLine.tsx';
import {GLYPH, type Line, type Theme} from '../lines/theme.ts';
import {endedLines, factLines, progressLines, sqlLines} from './action-lines.ts';
import {Buttons} from './Buttons.tsx';
import {positionOf} from './ListOverlay.tsx';
import {OverlayBox} from './OverlayBox.tsx';
import {innerWidth, overlayHeight, overlayWidth} from './overlay.ts';

export type ActionDialogProps = {
  readonly acting: Acting;
  readonly environment: Environment;
  /** The button that has the focus. */
  readonly focus: 'cancel' | 'run';
  /** What was typed of the target's name. */
  readonly typed: string;
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

const MOST_COLUMNS = 84;

/** The dialog of an action: what it would do and to what, then how far it is, then how it ended. */
export function ActionDialog(props: ActionDialogProps): ReactElement {
  const {acting, environment, columns, rows, theme} = props;
  const width = overlayWidth(columns, MOST_COLUMNS);
  const inner = innerWidth(width);
  const plan = acting.phase === 'confirm' ? acting.plan : undefined;
  const typing = plan !== undefined && props.mustType && plan.refusal === undefined;
  const refusal = plan?.refusal === undefined ? [] : refusalLines(plan.refusal, inner, rows);
  const lines = bodyLines(acting, props.now, inner);
  const fixed = plan === undefined ? 0 : refusal.length + (typing ? 2 : 0) + 2;
  const {height, page} = overlayHeight(rows, fixed, lines.length);
  return (
    <OverlayBox
      title={[
        [`${acting.title} `, 'title'],
        [acting.targetName, 'strong'],
      ]}
      right={[banner(environment, theme)]}
      foot={[[footOf(acting, typing), 'faint']]}
      position={positionOf(0, page, lines.length)}
      tone={environment === 'prod' ? 'crit' : 'accent'}
      {...{width, height, columns, rows, theme}}
    >
      <Box flexDirection="column" paddingLeft={1} flexShrink={0}>
        <Lines lines={[...lines.slice(0, page), ...refusal]} width={inner} theme={theme} />
        {typing && <TypePrompt target={plan.targetName} typed={props.typed} width={inner} theme={theme} />}
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

/** What the dialog shows in the present phase of its action. */
function bodyLines(
  {phase, plan, progress, outcome, targetName, since}: Acting,
  now: Micros,
  width: number,
): readonly Line[] {
  const elapsed = age((now - since) / 1e6);
  if (phase === 'ended' && outcome) return endedLines(outcome, width);
  if (phase === 'confirm' && plan) return [...sqlLines(plan, width), [], ...factLines(plan, width)];
  if (phase !== 'running') return [[[`${GLYPH.idle} checking ${targetName} …  ${elapsed}`]]];
  return [...(plan ? sqlLines(plan, width) : []), [], ...progressLines(progress, elapsed, width)];
}

function footOf({phase, plan, outcome}: Acting, typing: boolean): string {
  if (phase === 'ended' && outcome) return '⏎ or Esc close';
  if (phase === 'running') return 'Ctrl-X cancel on the server · Esc leave it running';
  if (phase !== 'confirm' || plan === undefined) return 'Esc back';
  if (plan.refusal !== undefined) return '⏎ Cancel';
  return typing ? 'type the name · Tab, ⏎ run · Esc cancel' : 'y run · Tab other button · ⏎ press · Esc cancel';
}

// Lines of the dialog beside a refusal: its frame, one line of its body, the buttons, and a line above and below it.
const BESIDE_REFUSAL = 8;

/** Why the action cannot run, below an empty line. Its end is left out where the buttons would have no room. */
const refusalLines = (refusal: string, width: number, rows: number): readonly Line[] => [
  [],
  ...paragraph(`${GLYPH.crit} ${refusal}`, width, 'crit').slice(0, Math.max(1, rows - BESIDE_REFUSAL)),
];

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
