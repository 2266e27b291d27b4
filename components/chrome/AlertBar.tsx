import type {ReactElement} from 'react';
import {age} from '../../src/core/format.ts';
import {clock} from '../../src/core/time.ts';
import {cut} from '../../src/core/width.ts';
import type {Alert, State} from '../../src/model/state.ts';
import {NOTE_MICROS} from '../../src/store/ui.ts';
import {bar, part} from '../lines/bar.ts';
import {Lines} from '../lines/Lines.tsx';
import {lineWidth} from '../lines/line.ts';
import {GLYPH, type Line, type Span, type Theme} from '../lines/theme.ts';

export type AlertBarProps = {
  readonly state: State;
  readonly width: number;
  /** Lines that there are for it. */
  readonly height: number;
  readonly theme: Theme;
};

/** What wants attention: a note to the user, the action under way whose dialog is closed, and the worst alerts. */
export function AlertBar({state, width, height, theme}: AlertBarProps): ReactElement {
  const words = [...noteLines(state), ...actingLines(state, width)].slice(0, Math.max(1, height));
  const lines =
    words.length >= height ? words : [...words, ...alertLines(state.alerts.slice(0, 3), width, height - words.length)];
  return <Lines lines={lines} width={width} theme={theme} />;
}

function noteLines({ui: {note}, at}: State): readonly Line[] {
  return note === undefined || at - note.at > NOTE_MICROS ? [] : [[[' '], [note.text, 'accent']]];
}

/** The action in a line, when its dialog is not open. */
function actingLines({acting, ui, at}: State, width: number): readonly Line[] {
  if (acting === undefined || ui.overlay?.kind === 'act') return [];
  const name: Span = [`${acting.title} ${acting.targetName} `, 'strong'];
  if (acting.phase === 'ended') {
    const {outcome = 'failed', summary = ''} = acting.outcome ?? {};
    const good = outcome === 'done' || outcome === 'dry_run';
    const sign: Span = good ? [`${GLYPH.ok} `, 'ok'] : [`${GLYPH.warn} `, 'warn'];
    const said = part(0, sign, name, [`${outcome.replace('_', ' ')}: ${summary}`]);
    return [bar([said, part(1, ['V shows it, Esc forgets it', 'faint'])], [], width)];
  }
  const {progress} = acting;
  const percent = progress?.percent === undefined ? '' : ` ${Math.round(progress.percent)}%`;
  const done = progress === undefined ? acting.phase : `${progress.phase}${percent}`;
  const [blocker] = progress?.blockers ?? [];
  return [
    bar(
      [
        part(0, ['▸ ', 'accent'], name, [`${done} · ${age((at - acting.since) / 1e6)}`]),
        ...(blocker === undefined ? [] : [part(1, [`${GLYPH.warn} `, 'warn'], [`held up by ${blocker}`, 'strong'])]),
        part(2, ['V shows it, Ctrl-X cancels it', 'faint']),
      ],
      [],
      width,
    ),
  ];
}

/** Alerts: one a line where there is room for that, else as many in a line as fit; those that are left out are counted. */
export function alertLines(alerts: readonly Alert[], width: number, height: number): readonly Line[] {
  if (alerts.length === 0) return Array.from({length: height}, () => []);
  const perLine: Line[] = [];
  for (const alert of alerts) {
    const next = alertSpans(alert);
    const last = perLine.at(-1);
    const joins = alerts.length > height && last !== undefined && lineWidth(last) + lineWidth(next) + 3 <= width;
    if (joins) perLine[perLine.length - 1] = [...last, ['   '], ...next];
    else perLine.push([[' '], ...next]);
  }
  const left = perLine.slice(height).length;
  const lines = perLine.slice(0, height).map((line, i) => {
    const more: Line = i === height - 1 && left > 0 ? [[` +${left}`, 'strong']] : [];
    return [...cutLine(line, width - lineWidth(more) - 1), ...more];
  });
  while (lines.length < height) lines.push([]);
  return lines;
}

const alertSpans = (alert: Alert): Line => [
  [`${GLYPH[alert.severity]} `, alert.severity],
  [`${clock(alert.since)}Z  `, 'faint'],
  [alert.text, alert.severity === 'crit' ? 'crit' : 'plain'],
];

function cutLine(line: Line, width: number): Line {
  const last = line.at(-1);
  const over = lineWidth(line) - width;
  if (last === undefined || over <= 0) return line;
  return [...line.slice(0, -1), [cut(last[0], Math.max(1, lineWidth([last]) - over)), last[1]]];
}
