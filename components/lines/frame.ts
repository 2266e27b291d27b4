import {cells} from '../../src/core/width.ts';
import {cutLine, lineWidth, plainText} from './line.ts';
import type {Line, Span} from './theme.ts';

// A corner and one piece of the edge stay on either side.
const CORNERS = 4;
// A label that has less room than this is left out.
const LEAST = 6;

/** Width in cells that the left label of an edge may use beside a right label of `right` cells. */
export const edgeRoom = (width: number, right: number): number => width - CORNERS - 2 - (right === 0 ? 0 : right + 3);

/**
 * The two labels of an edge, each with a space on either side. `first` is whole where that is possible; the other gets the
 * room that it leaves. A label that does not fit loses its last parts; where it has only one, that is cut. It is left out
 * where too little of it would remain.
 */
export function edgeLabels(first: Line, second: Line, width: number): readonly [first: Line, second: Line] {
  const room = width - CORNERS;
  const whole = label(first, room);
  return [whole, label(second, room - lineWidth(whole) - (whole.length > 0 ? 1 : 0))];
}

function label(line: Line, room: number): Line {
  const w = lineWidth(line);
  if (w === 0 || room < LEAST) return [];
  if (w + 2 <= room) return [[' '], ...line, [' ']];
  const parts = firstParts(line, room - 2);
  if (parts !== undefined) return [[' '], ...parts, [' ']];
  const shortened = cutLine(line, room - 2);
  return [[' '], ...shortened, [' '.repeat(room - 1 - lineWidth(shortened))]];
}

// Between the parts of a label.
const SEPARATOR = ' · ';

/** The first parts of a line that fit into `room` cells together; undefined: not even one does. */
function firstParts(line: Line, room: number): Line | undefined {
  const text = plainText(line);
  for (let end = text.lastIndexOf(SEPARATOR); end > 0; end = text.lastIndexOf(SEPARATOR, end - 1)) {
    if (cells(text.slice(0, end)) > room) continue;
    let left = end;
    const kept = line.map(([part, style]): Span => {
      const taken = part.slice(0, left);
      left -= taken.length;
      return [taken, style];
    });
    return kept.filter(([part]) => part !== '');
  }
  return undefined;
}
