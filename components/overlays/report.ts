import {cells, cut, pad} from '../../src/core/width.ts';
import type {ReportShown} from '../../src/model/report-shown.ts';
import {type ReportTable, reportHead, reportTables} from '../../src/report/tables.ts';
import {paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

/** Cells of a column where the table is wider than the overlay, and the fewest that the last one is worth. */
const MOST_CELLS = 40;
const LEAST_CELLS = 8;
const GAP = 2;

/** The report of the last hours: figures, alerts, acts, what is open; or why there is none. */
export function reportContent(shown: ReportShown | undefined, scroll: number, width: number): OverlayContent {
  return {
    title: [['Hand-over', 'title']],
    right: [['the last eight hours', 'faint']],
    foot: [['w write it to a file · y copy as Markdown · Esc back', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines: linesOf(shown, width),
    scroll,
  };
}

function linesOf(shown: ReportShown | undefined, width: number): readonly Line[] {
  if (shown === undefined || shown.phase === 'reading') return [[['reading …', 'faint']]];
  if (shown.phase === 'refused') {
    return [...paragraph(`${GLYPH.warn} no report: ${shown.why}`, width, 'strong'), ...paragraph(shown.next, width)];
  }
  const {report} = shown;
  return [
    ...reportHead(report).flatMap(line => paragraph(line, width)),
    ...reportTables(report).flatMap(table => [[], ...tableLines(table, width)]),
  ];
}

/** A table: columns that have no room go from the right, the last one is cut. */
function tableLines({title, head, rows, remark}: ReportTable, width: number): readonly Line[] {
  const remarks = remark === undefined ? [] : paragraph(remark, width, 'faint');
  if (rows.length === 0) return [[[title, 'strong']], ...remarks];
  const wanted = head.map(({text}, i) => Math.max(cells(text), ...rows.map(row => cells(row[i] ?? ''))));
  const widths = fitted(wanted, width);
  const line = (texts: readonly string[]): string =>
    widths.map((room, i) => pad(cut(texts[i] ?? '', room), room, head[i]?.align)).join(' '.repeat(GAP));
  return [
    [[title, 'strong']],
    [[line(head.map(({text}) => text)), 'faint']],
    ...rows.map((row): Line => [[line(row)]]),
    ...remarks,
  ];
}

/** The widths of the columns that have room. */
function fitted(wanted: readonly number[], width: number): readonly number[] {
  const all = wanted.reduce((sum, each) => sum + each + GAP, -GAP);
  if (all <= width) return wanted;
  const widths: number[] = [];
  let room = width;
  for (const each of wanted.map(one => Math.min(one, MOST_CELLS))) {
    if (Math.min(each, LEAST_CELLS) > room) break;
    widths.push(Math.min(each, room));
    room -= each + GAP;
  }
  return widths;
}
