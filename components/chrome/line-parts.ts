import {lineWidth} from '../lines/line.ts';
import type {Line} from '../lines/theme.ts';

/** A part of a status line, which can be left out where there is no room for it. */
export type LinePart = {
  /** 0: never left out. Of the others the part with the largest number goes first. */
  readonly drop: number;
  readonly spans: Line;
};

/** Cells between two parts of a line. */
export const GAP = 2;

/** The parts that fit into `width` cells, with a gap after each. Empty parts are left out. */
export function fitParts(parts: readonly LinePart[], width: number): readonly LinePart[] {
  const present = parts.filter(part => lineWidth(part.spans) > 0);
  const size = (part: LinePart) => lineWidth(part.spans) + GAP;
  let used = present.reduce((sum, part) => sum + size(part), 0);
  const dropped = new Set<LinePart>();
  for (const part of present.toSorted((a, b) => b.drop - a.drop)) {
    if (used <= width || part.drop === 0) break;
    dropped.add(part);
    used -= size(part);
  }
  return present.filter(part => !dropped.has(part));
}
