import type {Explained} from '../../src/model/explained.ts';
import {paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

/** The plan of a statement, what is certain of it, and the statement; or why there is no plan. */
export function explainContent(explained: Explained | undefined, scroll: number, width: number): OverlayContent {
  return {
    title: [['Plan of the statement', 'title']],
    right: [['by the planner alone: not executed', 'faint']],
    foot: [['y copy · Esc back', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines: linesOf(explained, width),
    scroll,
  };
}

function linesOf(explained: Explained | undefined, width: number): readonly Line[] {
  if (explained === undefined || explained.phase === 'asking') return [[['asking the planner …', 'faint']]];
  if (explained.phase === 'refused')
    return [
      ...paragraph(`${GLYPH.warn} no plan: ${explained.why}`, width, 'strong'),
      ...(explained.next === '' ? [] : paragraph(explained.next, width)),
    ];
  return [
    ...explained.facts.flatMap(fact => paragraph(`${GLYPH.warn} ${fact}`, width, 'strong')),
    ...(explained.facts.length > 0 ? [[]] : []),
    ...explained.lines.flatMap(line => planLine(line, width)),
    [],
    [['statement', 'faint']],
    ...paragraph(explained.query, width),
  ];
}

/** A line of the plan: what does not fit goes on below, indented as far. */
function planLine(line: string, width: number): readonly Line[] {
  const indent = Math.min(line.search(/\S|$/), Math.floor(width / 2));
  return paragraph(line.trimStart(), width - indent).map(part => [[' '.repeat(indent)], ...part]);
}
