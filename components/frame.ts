import {cut} from '../src/core/width.ts';
import {fitLine, type Line, lineWidth, type Span, type Style} from './theme.ts';

/** The upper edge: a title at the left, a word at the right. The title goes first when there is no room. */
export const frameTop = (title: Line, right: Line, width: number, tone: Style): Line =>
  edge('╭', '╮', title, right, width, tone);

/** The lower edge: a text at the left, another at the right. */
export const frameBottom = (left: Line, right: Line, width: number, tone: Style): Line =>
  edge('╰', '╯', left, right, width, tone);

/** A line between the edges, exactly `width` cells wide. */
export const frameRow = (line: Line, width: number, tone: Style): Line => [
  ['│', tone],
  ...fitLine(line, Math.max(0, width - 2)),
  ['│', tone],
];

function edge(from: string, to: string, left: Line, right: Line, width: number, tone: Style): Line {
  const room = width - 4;
  if (room < 4)
    return [
      [from, tone],
      ['─'.repeat(Math.max(0, width - 2)), tone],
      [to, tone],
    ];
  const first = label(left, room);
  const second = label(right, room - lineWidth(first) - (first.length > 0 ? 1 : 0));
  const rule = width - 4 - lineWidth(first) - lineWidth(second);
  return [[`${from}─`, tone], ...first, ['─'.repeat(Math.max(0, rule)), tone], ...second, [`─${to}`, tone]];
}

// A text in an edge has a space on either side; one that does not fit is cut, and left out when nothing of it would remain.
function label(line: Line, room: number): Line {
  const w = lineWidth(line);
  if (w === 0 || room < 6) return [];
  if (w + 2 <= room) return [[' '], ...line, [' ']];
  const cutLine: Span[] = [];
  let left = room - 2;
  for (const [text, style] of line) {
    if (left <= 0) break;
    const short = cut(text, left);
    cutLine.push([short, style]);
    left -= lineWidth([[short]]);
    if (short !== text) break;
  }
  return [[' '], ...cutLine, [' '.repeat(Math.max(1, left + 1))]];
}
