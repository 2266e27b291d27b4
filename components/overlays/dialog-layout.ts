import type {Acting, Plan} from '../../src/actions/plan.ts';
import {age} from '../../src/core/format.ts';
import type {Micros} from '../../src/core/time.ts';
import {alertBarHeight} from '../layout.ts';
import {paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import {endedLines, factLines, progressLines, sqlLines} from './action-lines.ts';
import {innerWidth, overlayHeight, overlayWidth} from './overlay.ts';

/** What the size of an action's dialog depends on. */
export type DialogInput = {
  readonly acting: Acting;
  /** The target's name must be typed before the action runs. */
  readonly mustType: boolean;
  readonly now: Micros;
  /** Size of the terminal. */
  readonly columns: number;
  readonly rows: number;
};

/** What an action's dialog consists of, with its size in cells and lines. */
export type DialogLayout = {
  readonly width: number;
  /** Cells of a line inside it. */
  readonly inner: number;
  /** The plan that waits for confirmation. */
  readonly plan: Plan | undefined;
  /** The target's name is being typed. */
  readonly typing: boolean;
  readonly refusal: readonly Line[];
  /** The middle, of which `page` lines are seen at once. */
  readonly lines: readonly Line[];
  readonly height: number;
  readonly page: number;
};

const MOST_COLUMNS = 84;

/** Lays the dialog out for the present phase of its action. */
export function dialogLayout({acting, mustType, now, columns, rows}: DialogInput): DialogLayout {
  const width = overlayWidth(columns, MOST_COLUMNS);
  const inner = innerWidth(width);
  const plan = acting.phase === 'confirm' ? acting.plan : undefined;
  const typing = plan !== undefined && mustType && plan.refusal === undefined;
  const refusal = plan?.refusal === undefined ? [] : refusalLines(plan.refusal, inner, rows);
  const lines = bodyLines(acting, now, inner);
  const fixed = plan === undefined ? 0 : refusal.length + (typing ? 2 : 0) + 2;
  return {width, inner, plan, typing, refusal, lines, ...overlayHeight(rows, fixed, lines.length)};
}

function bodyLines(
  {phase, plan, progress, outcome, targetName, since}: Acting,
  now: Micros,
  width: number,
): readonly Line[] {
  const elapsed = age((now - since) / 1e6);
  if (phase === 'ended' && outcome) return endedLines(outcome, width);
  if (phase === 'confirm' && plan) return arranged(sqlLines(plan, width), factLines(plan, width));
  if (phase !== 'running') return [[[`${GLYPH.idle} checking ${targetName} …  ${elapsed}`]]];
  return arranged(plan ? sqlLines(plan, width) : [], progressLines(progress, elapsed, width));
}

// SQL that needs more lines than these comes last, so that facts and progress are seen without scrolling.
const SHORT_SQL = 7;

function arranged(sql: readonly Line[], lines: readonly Line[]): readonly Line[] {
  if (sql.length === 0) return lines;
  return sql.length <= SHORT_SQL ? [...sql, [], ...lines] : [...lines, [], ...sql];
}

// Lines of the dialog beside a refusal: its frame, one line of its body, the buttons, and a line above and below it.
const BESIDE_REFUSAL = 8;

/** Why the action cannot run, below an empty line. Its end is left out where the buttons would have no room. */
const refusalLines = (refusal: string, width: number, rows: number): readonly Line[] => [
  [],
  ...paragraph(`${GLYPH.crit} ${refusal}`, width, 'crit').slice(
    0,
    Math.max(1, rows - alertBarHeight(rows) - BESIDE_REFUSAL),
  ),
];
