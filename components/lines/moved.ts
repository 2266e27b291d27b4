import type {Line} from './theme.ts';

/** A number is larger than before, or smaller. */
export type Move = 'up' | 'down';

const ARROWS: Readonly<Record<Move, string>> = {up: '↑', down: '↓'};

/** The line of a row with an arrow before each number that moved: in the last blank before its digits. */
export function marked(line: Line, moves: readonly (Move | undefined)[]): Line {
  if (!moves.some(Boolean)) return line;
  const out = [...line];
  moves.forEach((move, i) => {
    // A sign, then a cell and a space by turns: the first cell has no space before it.
    const [at, before] = [1 + 2 * i, 2 * i];
    const [space, cellSpan] = [out[before], out[at]];
    if (move === undefined || i === 0 || space === undefined || cellSpan === undefined) return;
    const [text, style] = cellSpan;
    const digits = text.trimStart();
    const blanks = text.length - digits.length;
    if (blanks > 0) out[at] = [`${' '.repeat(blanks - 1)}${ARROWS[move]}${digits}`, style];
    else out[before] = [`${space[0].slice(1)}${ARROWS[move]}`, space[1]];
  });
  return out;
}
