import {type StyleId, styleChange} from './styles.ts';

/** Writes cells of a terminal, and knows where its cursor stands and which style it has. */
export type Pen = {
  /** Goes to a cell, the shortest way. */
  readonly moveTo: (x: number, y: number) => void;
  /** Where the cursor is; undefined: unknown. */
  readonly at: () => {readonly x: number; readonly y: number} | undefined;
  /** The style in which it writes. */
  readonly style: () => StyleId;
  readonly setStyle: (style: StyleId) => void;
  /** Writes a character that takes so many cells; 0: that may take one more or less. */
  readonly put: (glyph: string, width: number) => void;
  /** Writes a sequence that leaves the cursor where it is, or anywhere. */
  readonly control: (sequence: string, stays: boolean) => void;
  /** How many characters were written so far. */
  readonly size: () => number;
  /** Ends with the terminal's own style; all that was written. */
  readonly end: () => string;
};

/** A pen on a screen of so many columns, in the terminal's own style and with a cursor that may be anywhere. */
export function createPen(columns: number): Pen {
  let out = '';
  let x = -1;
  let y = -1;
  let current: StyleId = 0;
  return {
    moveTo: (toX, toY) => {
      if (x === toX && y === toY) return;
      out += shortest(x, y, toX, toY);
      [x, y] = [toX, toY];
    },
    at: () => (x < 0 ? undefined : {x, y}),
    style: () => current,
    setStyle: style => {
      out += styleChange(current, style);
      current = style;
    },
    put: (glyph, width) => {
      out += glyph;
      // After the last column the cursor waits for the next line or stays, as the terminal likes.
      x = width === 0 || x + width >= columns ? -1 : x + width;
    },
    control: (sequence, stays) => {
      out += sequence;
      if (!stays) x = -1;
    },
    size: () => out.length,
    end: () => out + styleChange(current, 0),
  };
}

const parameter = (n: number): string => (n === 1 ? '' : String(n));

function shortest(x: number, y: number, toX: number, toY: number): string {
  const absolute = toX === 0 ? `\x1b[${parameter(toY + 1)}H` : `\x1b[${parameter(toY + 1)};${toX + 1}H`;
  if (x < 0) return absolute;
  const right = (n: number): string => (n === 0 ? '' : `\x1b[${parameter(n)}C`);
  const relative =
    y === toY ? (toX >= x ? right(toX - x) : `\r${right(toX)}`) : y + 1 === toY ? `\r\n${right(toX)}` : absolute;
  return relative.length < absolute.length ? relative : absolute;
}
