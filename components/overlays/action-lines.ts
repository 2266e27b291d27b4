import type {Outcome, Plan, Progress} from '../../src/actions/plan.ts';
import {count, duration, plural} from '../../src/core/format.ts';
import {cells, cut} from '../../src/core/width.ts';
import {labelled, paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line, type Span, type Style} from '../lines/theme.ts';

// Statements beyond these are counted: a schema's plan has one for each table.
const MOST_SQL = 6;

/** A statement without its indentation; quoted text stays as it is. */
const unindented = (statement: string): string =>
  statement.replaceAll(/('[^']*'|"[^"]*")| +/g, (_, quoted: string | undefined) => quoted ?? ' ');

/** The exact statements of a plan. */
export function sqlLines({sql}: Pick<Plan, 'sql'>, width: number): readonly Line[] {
  const more = sql.length - MOST_SQL;
  return [
    ...sql.slice(0, MOST_SQL).flatMap(statement => paragraph(unindented(statement), width, 'strong')),
    ...(more > 0 ? [[[`and ${plural(more, 'more statement')}`, 'faint']] as Line] : []),
  ];
}

/** The facts that a person must know before an action runs, with a sign before those that speak against it. */
export function factLines({facts}: Pick<Plan, 'facts'>, width: number): readonly Line[] {
  const label = Math.max(...facts.map(fact => cells(fact.label)), 4) + 2;
  return facts.flatMap(({label: name, value, warn}) => {
    const [first = [], ...rest] = labelled(name, value, label, width - 2, warn ? 'strong' : undefined);
    const sign: Span = warn ? [`${GLYPH.warn} `, 'warn'] : ['  '];
    return [[sign, ...first], ...rest.map((line): Line => [['  '], ...line])];
  });
}

/** How far a running action is, and who blocks it. */
export function progressLines(progress: Progress | undefined, elapsed: string, width: number): readonly Line[] {
  if (progress === undefined) return [[[`${GLYPH.idle} started, the server has reported no progress yet  ${elapsed}`]]];
  const {step, steps, current, blockers} = progress;
  return [
    ...(steps > 1 ? [[[`${count(step)} of ${count(steps)}  `, 'faint'], [current]] as Line] : []),
    [...meter(progress, width), [`  ${elapsed}`, 'faint']],
    ...blockers.flatMap(blocker => paragraph(`${GLYPH.warn} blocked by ${blocker}`, width, 'strong')),
  ];
}

// Cells for the words beside the bar, and the limits of the bar.
const WORDS = 30;
const [LEAST, MOST] = [10, 40];

function meter({percent, phase}: Progress, width: number): Line {
  if (percent === undefined) return [[phase, 'strong']];
  const size = Math.max(LEAST, Math.min(MOST, width - WORDS));
  const done = Math.round((size * Math.max(0, Math.min(100, percent))) / 100);
  return [
    ['█'.repeat(done), 'accent'],
    ['░'.repeat(size - done), 'faint'],
    [` ${Math.round(percent)}%  `, 'strong'],
    [phase],
  ];
}

const ENDINGS: Readonly<Record<Outcome['outcome'], readonly [glyph: string, style: Style, word: string]>> = {
  done: [GLYPH.ok, 'ok', 'done'],
  dry_run: [GLYPH.ok, 'ok', 'dry run'],
  partial: [GLYPH.warn, 'warn', 'partly done'],
  skipped: [GLYPH.warn, 'warn', 'skipped'],
  cancelled: [GLYPH.warn, 'warn', 'cancelled'],
  failed: [GLYPH.crit, 'crit', 'failed'],
};

// The server's notices beyond these are counted: VACUUM VERBOSE writes a page for each table, and the summary has the
// figures that matter.
const MOST_NOTICES = 5;

/** How an action ended: its summary and the server's notices. */
export function endedLines({outcome, ms, rows, auditId, summary, notices}: Outcome, width: number): readonly Line[] {
  const [glyph, style, word] = ENDINGS[outcome];
  const facts = [
    `took ${duration(ms)}`,
    ...(rows === undefined ? [] : [plural(rows, 'row')]),
    auditId === undefined ? 'not in the audit log' : `audit ${auditId}`,
  ];
  const more = notices.length - MOST_NOTICES;
  return [
    [
      [`${glyph} `, style],
      [word, 'strong'],
      [`  ${facts.join(' · ')}`, 'faint'],
    ],
    ...paragraph(summary, width),
    ...notices.slice(0, MOST_NOTICES).map((notice): Line => [[cut(notice, width), 'faint']]),
    ...(more > 0 ? [[[`and ${plural(more, 'more notice')}`, 'faint']] as Line] : []),
  ];
}
