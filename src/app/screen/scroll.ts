import type {Row, ScreenRows} from './rows.ts';

/** Rows `top` to `bottom` move down by `by` rows, or up where it is negative; what they leave is blank. */
export type Scroll = {readonly top: number; readonly bottom: number; readonly by: number};

// Fewer rows are not worth the sequences that move them.
const LEAST = 3;

/**
 * The largest block of rows that has moved whole, as a tape moves when a trade is added; undefined: none has. Rows are the
 * same when they are one object.
 */
export function findScroll(before: ScreenRows, after: ScreenRows): Scroll | undefined {
  const by = commonShift(before, after);
  if (by === 0) return undefined;
  let best = {start: 0, length: 0};
  let length = 0;
  for (let y = 0; y <= after.length; y++) {
    const moved = y < after.length && before[y - by] !== undefined && after[y] === before[y - by];
    length = moved ? length + 1 : 0;
    if (length > best.length) best = {start: y + 1 - length, length};
  }
  const end = best.start + best.length - 1;
  const scroll = by > 0 ? {top: best.start - by, bottom: end, by} : {top: best.start, bottom: end - by, by};
  return savedRows(before, after, scroll) < LEAST ? undefined : scroll;
}

/** Rows that need not be sent, less those that were right before. */
function savedRows(before: ScreenRows, after: ScreenRows, scroll: Scroll): number {
  const wrong = (frame: readonly (Row | undefined)[]): number =>
    frame.reduce((sum, row, y) => sum + (row === after[y] ? 0 : 1), 0);
  return wrong(before) - wrong(scrolled(before, scroll, undefined));
}

/** By how many rows most of the rows that changed have moved. */
function commonShift(before: ScreenRows, after: ScreenRows): number {
  const places = new Map(before.map((row, y) => [row, y]));
  const votes = new Map<number, number>();
  let [shift, most] = [0, 0];
  for (const [y, row] of after.entries()) {
    const place = row === before[y] ? undefined : places.get(row);
    if (place === undefined) continue;
    const count = (votes.get(y - place) ?? 0) + 1;
    votes.set(y - place, count);
    if (count > most) [shift, most] = [y - place, count];
  }
  return most >= LEAST ? shift : 0;
}

/** The frame as the terminal shows it after a scroll. */
export const scrolled = <Blank>(frame: ScreenRows, {top, bottom, by}: Scroll, blank: Blank): readonly (Row | Blank)[] =>
  frame.map((row, y) => {
    if (y < top || y > bottom) return row;
    return y - by < top || y - by > bottom ? blank : (frame[y - by] as Row);
  });

/** The sequences that scroll a terminal of so many rows: a region, lines inserted or deleted at its top, all rows again. */
export function scrollSequence({top, bottom, by}: Scroll, rows: number): string {
  const count = Math.abs(by) === 1 ? '' : Math.abs(by);
  // The rows are named: without them some emulators keep the region.
  return `\x1b[${top + 1};${bottom + 1}r\x1b[${top + 1}H\x1b[${count}${by > 0 ? 'L' : 'M'}\x1b[1;${rows}r`;
}
