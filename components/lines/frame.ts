import {cut} from '../../src/core/width.ts';
import {type Line, lineWidth, type Span, type Style} from './theme.ts';

/** What a frame is drawn of. The lines between its edges are two cells narrower than it. */
export type FrameContent = {
  /** In the upper edge, at the left and at the right. */
  readonly title: Line;
  readonly right: Line;
  readonly rows: readonly Line[];
  /** In the lower edge, at the left and at the right. */
  readonly foot: Line;
  readonly position: Line;
  readonly width: number;
  readonly tone: Style;
};

// The corner and a piece of the edge stay on either side.
const CORNERS = 4;
const LEAST = 6;

/** Cells that the left one of two texts in an edge can have beside the right one. */
export const edgeRoom = (width: number, right: number): number => width - CORNERS - 2 - (right === 0 ? 0 : right + 3);

/**
 * Two texts in an edge, each with a space on either side. The right one gets what the left one leaves; what does not fit
 * is cut, and left out when nothing of it would be read.
 */
export function edgeLabels(left: Line, right: Line, width: number): readonly [left: Line, right: Line] {
  const room = width - CORNERS;
  const first = label(left, room);
  return [first, label(right, room - lineWidth(first) - (first.length > 0 ? 1 : 0))];
}

function label(line: Line, room: number): Line {
  const w = lineWidth(line);
  if (w === 0 || room < LEAST) return [];
  if (w + 2 <= room) return [[' '], ...line, [' ']];
  const shortened: Span[] = [];
  let left = room - 2;
  for (const [text, style] of line) {
    if (left <= 0) break;
    const short = cut(text, left);
    shortened.push([short, style]);
    left -= lineWidth([[short]]);
    if (short !== text) break;
  }
  return [[' '], ...shortened, [' '.repeat(left + 1)]];
}
