import {createCache} from './cache.ts';
import {type Cells, cellsOf} from './cells.ts';

/** A painted text at a column, in at most `room` cells: what does not fit is cut and leaves an ellipsis. */
export type Piece = {readonly x: number; readonly room: number; readonly text: string};

/** One row of the screen, all its cells. Rows that show the same are one object. */
export type Row = Cells;

/** The rows of the screen, from above. */
export type ScreenRows = readonly Row[];

/** Makes rows of so many cells from pieces; a later piece lies over an earlier one. A row that was made lately is not made again. */
export function createRows(width: number, kept: number): (pieces: readonly Piece[]) => Row {
  const made = createCache<string, Row>(kept);
  return pieces => {
    let key = '';
    for (const {x, room, text} of pieces) key += `${x},${room},${text}\n`;
    return made.get(key, () => compose(width, pieces));
  };
}

/** A row of blank cells. */
export const blankRow = (width: number): Row => compose(width, []);

function compose(width: number, pieces: readonly Piece[]): Row {
  const glyphs = new Array<string>(width).fill(' ');
  const styles = new Array<number>(width).fill(0);
  let plain = true;
  for (const piece of pieces) {
    const cells = cutCells(cellsOf(piece.text), piece.room);
    plain &&= cells.plain;
    lay({glyphs, styles}, piece.x, cells);
  }
  return {glyphs, styles, plain};
}

function cutCells(cells: Cells, room: number): Cells {
  const {glyphs, styles} = cells;
  if (glyphs.length <= room) return cells;
  let end = Math.max(0, room - 1);
  while (end > 0 && glyphs[end] === '') end--;
  return {
    ...cells,
    glyphs: room > 0 ? [...glyphs.slice(0, end), '…'] : [],
    styles: styles.slice(0, room > 0 ? end + 1 : 0),
  };
}

type Canvas = {readonly glyphs: string[]; readonly styles: number[]};

/** Lays cells over a row. A character of two cells of which one half would remain is blanked. */
function lay({glyphs, styles}: Canvas, x: number, cells: Cells): void {
  const from = Math.max(0, x);
  const end = Math.min(glyphs.length, x + cells.glyphs.length);
  if (end <= from) return;
  const blank = (start: number, stop: number): void => void glyphs.fill(' ', start, stop);
  blank(lead(glyphs, from), from);
  for (let i = from; i < end; i++) {
    glyphs[i] = cells.glyphs[i - x] as string;
    styles[i] = cells.styles[i - x] as number;
  }
  if (cells.glyphs[end - x] === '') blank(lead(glyphs, end - 1), end);
  blank(from, afterHalves(glyphs, from));
  blank(end, afterHalves(glyphs, end));
}

/** The column where the character begins that covers this cell. */
function lead(glyphs: readonly string[], at: number): number {
  let i = at;
  while (i > 0 && glyphs[i] === '') i--;
  return i;
}

/** The first column from here on that does not continue a character. */
function afterHalves(glyphs: readonly string[], at: number): number {
  let i = at;
  while (glyphs[i] === '') i++;
  return i;
}
