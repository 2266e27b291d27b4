import {clock} from '../../src/core/time.ts';
import type {Alert} from '../../src/model/state.ts';
import {cutLine, lineWidth} from '../lines/line.ts';
import {GLYPH, type Line} from '../lines/theme.ts';

/** What a line about an alert needs to know. */
export type ShownAlert = Pick<Alert, 'severity' | 'since'> & {readonly text: string};

// Cells between two alerts in one line.
const GAP = 3;

// Alerts beyond these are only counted.
const MOST_ALERTS = 3;

/**
 * At most `height` lines: an alert a line where there is room for that, else as many in a line as fit. The last line
 * counts the alerts that are left out.
 */
export function alertLines(alerts: readonly ShownAlert[], width: number, height: number): readonly Line[] {
  const first = alerts.slice(0, MOST_ALERTS);
  const lines: {spans: Line; alerts: number}[] = [];
  for (const alert of first) {
    const next = alertSpans(alert);
    const last = lines.at(-1);
    const joins = first.length > height && last && lineWidth(last.spans) + lineWidth(next) + GAP <= width;
    if (joins) lines[lines.length - 1] = {spans: [...last.spans, [' '.repeat(GAP)], ...next], alerts: last.alerts + 1};
    else lines.push({spans: [[' '], ...next], alerts: 1});
  }
  const shown = lines.slice(0, height);
  const left = shown.reduce((sum, line) => sum - line.alerts, alerts.length);
  return shown.map(({spans}, i) => {
    const more: Line = i === shown.length - 1 && left > 0 ? [[` +${left}`, 'strong']] : [];
    return [...cutLine(spans, width - lineWidth(more) - 1), ...more];
  });
}

const alertSpans = ({severity, since, text}: ShownAlert): Line => [
  [`${GLYPH[severity]} `, severity],
  [`${clock(since)}Z  `, 'faint'],
  [text, severity === 'crit' ? 'crit' : 'plain'],
];
