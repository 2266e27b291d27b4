import {cutLine, lineWidth} from './line.ts';
import type {Line} from './theme.ts';

// A corner and one piece of the edge stay on either side.
const CORNERS = 4;
// A label that has less room than this is left out.
const LEAST = 6;

/** Width in cells that the left label of an edge may use beside a right label of `right` cells. */
export const edgeRoom = (width: number, right: number): number => width - CORNERS - 2 - (right === 0 ? 0 : right + 3);

/**
 * The two labels of an edge, each with a space on either side. The right one gets the room that the left one leaves. A
 * label that does not fit is cut; it is left out where too little of it would remain.
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
  const shortened = cutLine(line, room - 2);
  return [[' '], ...shortened, [' '.repeat(room - 1 - lineWidth(shortened))]];
}
