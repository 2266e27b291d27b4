import type {ReactElement} from 'react';
import type {Acting, Outcome, Progress} from '../../src/actions/plan.ts';
import {age} from '../../src/core/format.ts';
import type {Micros} from '../../src/core/time.ts';
import {actionKey} from '../../src/input/action-bindings.ts';
import {GLYPH, type Span, type Theme} from '../lines/theme.ts';
import type {LinePart} from './line-parts.ts';
import {StatusLine} from './StatusLine.tsx';

type ActionLineProps = {
  readonly acting: Acting;
  readonly now: Micros;
  readonly width: number;
  readonly theme: Theme;
};

/** An action in one line, while its dialog is closed: how far it is, or how it ended. */
export function ActionLine({acting, now, width, theme}: ActionLineProps): ReactElement {
  const {title, targetName, phase, progress, outcome, since} = acting;
  const key = actionKey(acting.actionId);
  const name: Span = [`${title} ${targetName} `, 'strong'];
  const parts =
    phase === 'ended'
      ? endedParts(name, key, outcome)
      : workingParts(name, key, phase, progress, age((now - since) / 1e6));
  return <StatusLine left={parts} width={width} theme={theme} />;
}

type Ending = {readonly outcome: Outcome['outcome']; readonly summary: string};
const LOST: Ending = {outcome: 'failed', summary: ''};

function endedParts(name: Span, key: string, {outcome, summary}: Ending = LOST): readonly LinePart[] {
  const good = outcome === 'done' || outcome === 'dry_run';
  const sign: Span = good ? [`${GLYPH.ok} `, 'ok'] : [`${GLYPH.warn} `, 'warn'];
  return [
    {drop: 0, spans: [sign, name, [`${outcome.replace('_', ' ')}: ${summary}`]]},
    {drop: 1, spans: [[`${key} opens it, Esc dismisses it`, 'faint']]},
  ];
}

function workingParts(
  name: Span,
  key: string,
  phase: Acting['phase'],
  progress: Progress | undefined,
  elapsed: string,
): readonly LinePart[] {
  const percent = progress?.percent === undefined ? '' : ` ${Math.round(progress.percent)}%`;
  const done = progress === undefined ? phase : `${progress.phase}${percent}`;
  const blocker = progress?.blockers[0];
  return [
    {drop: 0, spans: [['▸ ', 'accent'], name, [`${done} · ${elapsed}`]]},
    ...(blocker === undefined ? [] : [blockedPart(blocker)]),
    {drop: 2, spans: [[`${key} opens it, Ctrl-X cancels it`, 'faint']]},
  ];
}

const blockedPart = (blocker: string): LinePart => ({
  drop: 1,
  spans: [
    [`${GLYPH.warn} `, 'warn'],
    [`blocked by ${blocker}`, 'strong'],
  ],
});
