import {lineWidth} from './line.ts';
import type {Line, Span} from './theme.ts';

/** A piece of a line that can be left out: the largest `drop` goes first, 0 never. */
export type BarPart = {readonly drop: number; readonly line: Line};

export const part = (drop: number, ...line: readonly Span[]): BarPart => ({drop, line});

/**
 * Parts from the left and from the right with `gap` cells between two of them, without those that there is no room
 * for. Empty parts take no room.
 */
export function bar(left: readonly BarPart[], right: readonly BarPart[], width: number, gap = 2): Line {
  const shown = [...left, ...right].filter(p => lineWidth(p.line) > 0);
  const size = (p: BarPart) => lineWidth(p.line) + gap;
  let used = shown.reduce((sum, p) => sum + size(p), 0);
  const out = new Set<BarPart>();
  for (const p of shown.toSorted((a, b) => b.drop - a.drop)) {
    if (used <= width || p.drop === 0) break;
    out.add(p);
    used -= size(p);
  }
  const join = (parts: readonly BarPart[]): Line =>
    parts
      .filter(p => shown.includes(p) && !out.has(p))
      .flatMap((p, i): Line => (i === 0 ? p.line : [[' '.repeat(gap)], ...p.line]));
  const [a, b] = [join(left), join(right)];
  const room = width - lineWidth(a) - lineWidth(b) - 2;
  return [[' '], ...a, [' '.repeat(Math.max(1, room))], ...b, [' ']];
}
