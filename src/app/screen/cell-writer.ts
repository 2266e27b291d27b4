import {EMULATOR, type Terminal} from '../../core/terminal.ts';
import {createPen, type Pen} from './pen.ts';
import {blankRow, type Row, type ScreenRows} from './rows.ts';
import {findScroll, scrolled, scrollSequence} from './scroll.ts';
import {onSpace, type StyleId} from './styles.ts';

/** Knows what a terminal shows, and what it must be sent to show something else. */
export type CellWriter = {
  /**
   * What makes the terminal show this frame; empty: it does. With `most`, rows are sent until they are about so many bytes,
   * first those that the frame before did not have.
   */
  readonly update: (frame: ScreenRows, most?: number) => string;
  /** Whether the terminal shows all rows of the last frame. */
  readonly complete: () => boolean;
  /** Forgets what the terminal shows: the next frame is sent whole. */
  readonly damage: () => void;
};

// DEC private mode 2026: the terminal shows what is between these at once.
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];
const CLEAR = '\x1b[m\x1b[H\x1b[2J';
const ERASE_LINE = '\x1b[K';

/** A writer for a terminal that knows this, and may show anything. */
export function createCellWriter(terminal: Pick<Terminal, 'modes' | 'movesRows'> = EMULATOR): CellWriter {
  const [begin, end] = terminal.modes.includes(2026) ? [BEGIN, END] : ['', ''];
  let shown: ScreenRows | undefined;
  let [asked, complete]: [ScreenRows, boolean] = [[], true];
  return {
    update: (frame, most = Number.POSITIVE_INFINITY) => {
      const columns = frame[0]?.glyphs.length ?? 0;
      const fits = shown?.length === frame.length && shown[0]?.glyphs.length === columns;
      const before = fits && shown !== undefined ? shown : frame.map(() => blankRow(columns));
      const order = most === Number.POSITIVE_INFINITY ? [...frame.keys()] : newestFirst(frame, asked);
      const changes = changesOf({before, frame, order, columns, most, movesRows: terminal.movesRows});
      [shown, asked, complete] = [changes.shown, frame, changes.complete];
      const bytes = (fits ? '' : CLEAR) + changes.bytes;
      return bytes === '' ? '' : begin + bytes + end;
    },
    complete: () => complete,
    damage: () => {
      shown = undefined;
    },
  };
}

/** The numbers of the rows; first those that the frame before did not have. */
const newestFirst = (frame: ScreenRows, before: ScreenRows): readonly number[] =>
  [...frame.keys()].sort((a, b) => Number(frame[a] === before[a]) - Number(frame[b] === before[b]));

type Change = {
  readonly before: ScreenRows;
  readonly frame: ScreenRows;
  /** The rows in the order in which they are sent. */
  readonly order: readonly number[];
  readonly columns: number;
  readonly most: number;
  readonly movesRows: boolean;
};

function changesOf({before, frame, order, columns, most, movesRows}: Change) {
  const pen = createPen(columns);
  const scroll = movesRows ? findScroll(before, frame) : undefined;
  if (scroll !== undefined) pen.control(scrollSequence(scroll, frame.length), false);
  const shown = [...(scroll === undefined ? before : scrolled(before, scroll, blankRow(columns)))];
  let complete = true;
  for (const y of order) {
    const [old, row] = [shown[y] as Row, frame[y] as Row];
    if (row === old) continue;
    if (pen.size() >= most) {
      complete = false;
      continue;
    }
    if (row.plain && old.plain) writeChanges(pen, y, old, row);
    else if (!sameCells(row, old)) writeRow(pen, y, row);
    shown[y] = row;
  }
  return {bytes: pen.end(), shown, complete};
}

/** Whether two rows differ in a cell. */
const differs = (a: Row, b: Row, x: number): boolean => a.glyphs[x] !== b.glyphs[x] || a.styles[x] !== b.styles[x];

const sameCells = (a: Row, b: Row): boolean => a.glyphs.every((_, x) => !differs(a, b, x));

/** The first column from which on a row is blank. */
function blankFrom({glyphs, styles}: Row): number {
  let x = glyphs.length;
  while (x > 0 && glyphs[x - 1] === ' ' && styles[x - 1] === 0) x--;
  return x;
}

/** Writes the cells that differ in a row of which every character takes one cell. */
function writeChanges(pen: Pen, y: number, old: Row, row: Row): void {
  let end = row.glyphs.length;
  while (end > 0 && !differs(old, row, end - 1)) end--;
  const tail = blankFrom(row);
  const erases = end - tail > ERASE_LINE.length;
  const stop = erases ? tail : end;
  for (let x = 0; x < stop; x++) {
    if (!differs(old, row, x)) continue;
    reach(pen, x, y, row);
    writeCell(pen, row, x, 1);
  }
  if (erases) eraseFrom(pen, tail, y);
}

// Cells that are sent again because going over them costs more.
const MOST_REPEATED = 4;

/** Goes to a cell of a row: over a few unchanged cells of the style that is written anyway by writing them again. */
function reach(pen: Pen, x: number, y: number, row: Row): void {
  const at = pen.at();
  if (at !== undefined && at.y === y && x > at.x && x - at.x <= MOST_REPEATED) {
    const same = row.styles
      .slice(at.x, x)
      .every((style, i) => fits(pen.style(), style, row.glyphs[at.x + i] as string));
    if (same) {
      for (let i = at.x; i < x; i++) pen.put(row.glyphs[i] as string, 1);
      return;
    }
  }
  pen.moveTo(x, y);
}

/** Whether a character looks the same in both styles. */
const fits = (current: StyleId, style: StyleId, glyph: string): boolean =>
  current === style || (glyph === ' ' && onSpace(current) === onSpace(style));

function writeCell(pen: Pen, row: Row, x: number, width: number): void {
  const [glyph, style] = [row.glyphs[x] as string, row.styles[x] as number];
  if (!fits(pen.style(), style, glyph)) pen.setStyle(style);
  pen.put(glyph, width);
}

function eraseFrom(pen: Pen, x: number, y: number): void {
  pen.moveTo(x, y);
  if (onSpace(pen.style()) !== 0) pen.setStyle(0);
  pen.control(ERASE_LINE, true);
}

/**
 * Writes a whole row that has, or had, characters of which terminals differ in what they take: after each of them the
 * cursor is put where it belongs.
 */
function writeRow(pen: Pen, y: number, row: Row): void {
  eraseFrom(pen, 0, y);
  const stop = blankFrom(row);
  for (let x = 0; x < stop; x++) {
    const glyph = row.glyphs[x] as string;
    if (glyph === '') continue;
    pen.moveTo(x, y);
    writeCell(pen, row, x, glyph.length === 1 && row.glyphs[x + 1] !== '' && glyph <= '~' ? 1 : 0);
  }
}
