import {duration} from '../../src/core/format.ts';
import {clock, isoMicros} from '../../src/core/time.ts';
import {cut, pad} from '../../src/core/width.ts';
import type {TraceShown} from '../../src/model/trace-shown.ts';
import type {StepState, Trace, TraceStep} from '../../src/trace/step.ts';
import {verdictOf} from '../../src/trace/words.ts';
import {paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line, type Style} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

/** Cells of the columns before a step's text, each with two of space: time, lag, step. */
const [TIME, LAG, STEP] = [12, 8, 13] as const;
const BEFORE = TIME + LAG + STEP + 6;

const SIGNS: Readonly<Record<StepState, readonly [sign: string, style: Style]>> = {
  done: ['', 'faint'],
  late: [`${GLYPH.warn} late: `, 'warn'],
  missing: [`${GLYPH.crit} missing: `, 'crit'],
  waiting: ['not there yet: ', 'faint'],
  denied: [`${GLYPH.warn} denied: `, 'warn'],
  none: ['', 'faint'],
};

/** The life of an order or trade: each step with its time and its lag, and what is missing or late; or why there is none. */
export function traceContent(shown: TraceShown | undefined, scroll: number, width: number): OverlayContent {
  const verdict = shown?.phase === 'read' ? paragraph(verdictOf(shown.trace), width, 'strong') : [];
  return {
    title: [[`Life of ${cut(shown?.id ?? '', Math.max(8, width - 30))}`, 'title']],
    right: [['UTC', 'faint']],
    foot: [['y copy as JSON · Esc back', 'faint']],
    tone: 'accent',
    top: verdict,
    bottom: [],
    lines: linesOf(shown, width),
    scroll,
  };
}

function linesOf(shown: TraceShown | undefined, width: number): readonly Line[] {
  if (shown === undefined || shown.phase === 'reading') return [[['reading …', 'faint']]];
  if (shown.phase === 'refused') {
    return [
      ...paragraph(`${GLYPH.warn} no life of it: ${shown.why}`, width, 'strong'),
      ...(shown.next === '' ? [] : paragraph(shown.next, width)),
    ];
  }
  return stepLines(shown.trace, width);
}

/** The steps; each day has its line before its first step. */
function stepLines({steps}: Trace, width: number): readonly Line[] {
  const lines: Line[] = [];
  let day = '';
  for (const step of steps) {
    const own = step.at === undefined ? day : isoMicros(step.at).slice(0, 10);
    if (own !== day) lines.push([[own, 'faint']]);
    day = own;
    lines.push(...stepLine(step, width));
  }
  return lines;
}

/** A step: its text goes on below itself. */
function stepLine({step, state, at, lagMs, text}: TraceStep, width: number): readonly Line[] {
  const [sign, style] = SIGNS[state];
  const time = at === undefined ? '' : clock(at, 3);
  const lag = lagMs === undefined ? '' : duration(lagMs);
  const first: Line = [
    [`${pad(time, TIME)}  `, 'faint'],
    [`${pad(cut(lag, LAG), LAG, 'right')}  `, state === 'late' ? 'warn' : 'faint'],
    [`${pad(step, STEP)}  `, state === 'missing' || state === 'late' ? 'strong' : undefined],
  ];
  const below: Line = [[' '.repeat(BEFORE)]];
  return paragraph(`${sign}${text}`, Math.max(10, width - BEFORE), sign === '' ? undefined : style).map(
    (part, i): Line => [...(i === 0 ? first : below), ...part],
  );
}
