import {ageAt, count, duration} from '../../src/core/format.ts';
import {clock, type Micros} from '../../src/core/time.ts';
import {pad} from '../../src/core/width.ts';
import type {State} from '../../src/model/state.ts';
import {CHECK_GROUPS, CHECK_WINDOW_HOURS, type CheckGroup, type CheckResult} from '../../src/verify/check.ts';
import {paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line, type Span, type Style} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

type ChecksProps = {
  readonly checks: State['checks'];
  readonly now: Micros;
  readonly scroll: number;
  /** Cells of a line. */
  readonly width: number;
};

type Status = CheckResult['status'];

const SIGNS: Readonly<Record<Status, readonly [glyph: string, style: Style]>> = {
  fail: [GLYPH.crit, 'crit'],
  warn: [GLYPH.warn, 'warn'],
  skip: [GLYPH.idle, 'faint'],
  pass: [GLYPH.ok, 'ok'],
};
const ORDER: readonly Status[] = ['fail', 'warn', 'skip', 'pass'];
const MOST_ROWS = 5;
/** How far back the console looks; see `runChecks`. */
const WINDOW: Line = [[`data of the last ${CHECK_WINDOW_HOURS} h; all of it: tradetop verify --full`, 'faint']];

/** The report of the last verification: the checks by group, the worst first, with violations and remedies. */
export function checksContent({checks, now, scroll, width}: ChecksProps): OverlayContent {
  const {running, results, error} = checks;
  const notices: Line[] = [];
  if (running) notices.push([[`${GLYPH.idle} verifying …`, 'strong']]);
  if (error !== undefined)
    notices.push(...paragraph(`${GLYPH.crit} verification could not run: ${error}`, width, 'crit'));
  if (!running && error === undefined && results.length === 0)
    notices.push([['Nothing has been verified yet: press v.', 'faint']]);
  const worst = (group: CheckGroup) =>
    Math.min(...results.filter(r => r.group === group).map(r => ORDER.indexOf(r.status)));
  const lines = CHECK_GROUPS.toSorted((a, b) => worst(a) - worst(b)).flatMap(group =>
    groupLines(group, results, width),
  );
  return {
    title: [['Verification', 'title']],
    right: checks.at === undefined ? [] : [[`${clock(checks.at)}Z, ${ageAt(checks.at, now)} ago`, 'faint']],
    foot: [['v verify again · Esc back', 'faint']],
    tone: results.some(r => r.status === 'fail') ? 'crit' : 'accent',
    top: [...notices, ...(results.length > 0 ? [summary(results), WINDOW, []] : [])],
    bottom: [],
    lines,
    scroll,
  };
}

function summary(results: readonly CheckResult[]): Line {
  return ORDER.flatMap((status): Span[] => {
    const n = results.filter(r => r.status === status).length;
    return n === 0
      ? []
      : [
          [`${SIGNS[status][0]} `, SIGNS[status][1]],
          [`${count(n)} ${status}   `, 'strong'],
        ];
  });
}

function groupLines(group: CheckGroup, results: readonly CheckResult[], width: number): readonly Line[] {
  const of = results
    .filter(r => r.group === group)
    .toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return of.length === 0 ? [] : [[[group, 'faint']], ...of.flatMap(result => resultLines(result, width)), []];
}

function resultLines(result: CheckResult, width: number): readonly Line[] {
  const [glyph, style] = SIGNS[result.status];
  const violated = result.status === 'fail' || result.status === 'warn';
  const head: Line = [
    [` ${glyph} `, style],
    [`${result.status}  `, violated ? 'strong' : 'faint'],
    [pad(result.title, Math.max(1, width - 19))],
    [pad(duration(result.ms), 9, 'right'), 'faint'],
  ];
  if (result.status === 'skip') return [head, ...paragraph(result.why ?? 'skipped', width, 'faint', 9)];
  if (!violated) return [head];
  const rows = result.rows.slice(0, MOST_ROWS).map(
    (row): Line => [
      ['         '],
      [
        pad(
          Object.entries(row)
            .map(([k, v]) => `${k} ${v ?? 'null'}`)
            .join(' · '),
          Math.max(1, width - 9),
        ),
      ],
    ],
  );
  const more = result.rows.length - MOST_ROWS;
  return [
    head,
    ...rows,
    ...(more > 0
      ? [[[`         and ${result.more ? 'at least ' : ''}${count(more)} more: ⏎ in Checks has them`, 'faint']] as Line]
      : []),
    ...(result.remedy === '' ? [] : paragraph(`→ ${result.remedy}`, width, 'accent', 9)),
  ];
}
