import xterm, {type Terminal} from '@xterm/headless';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createCellWriter} from '../../src/app/screen/cell-writer.ts';
import {createRows, type Piece, type ScreenRows} from '../../src/app/screen/rows.ts';
import {cells} from '../../src/core/width.ts';

const [COLUMNS, ROWS] = [24, 8];

/** A line as the test writes it: pieces from the left, without overlap. */
type Text = {readonly sgr: string; readonly text: string};

// Words with gaps and with characters of two cells; styles that show on spaces, and styles that end together.
const word = fc.constantFrom('AAPL', ' ', '    ', '187.1234', '│', '漢字', 'é', 'x y', '▁▂▃', '한 ');
const sgr = fc.constantFrom('', '1', '2', '1;31', '2;36', '7', '4', '30;46', '1;97;41', '38;5;200', '3;9;32');
// As many pieces as fit: lines end before, in and at the last column.
const line = fc.array(fc.record({sgr, text: word}), {maxLength: 8}).map(texts => {
  let width = 0;
  return texts.filter(({text}) => {
    const fits = width + cells(text) <= COLUMNS;
    if (fits) width += cells(text);
    return fits;
  });
});
const frame = fc.array(line, {minLength: ROWS, maxLength: ROWS});

/** A frame and the next one: some lines are new, and perhaps a block of them has moved. */
const change = fc
  .record({
    before: frame,
    fresh: frame,
    keep: fc.array(fc.boolean(), {minLength: ROWS, maxLength: ROWS}),
    by: fc.integer({min: -3, max: 3}),
  })
  .map(({before, fresh, keep, by}) => ({
    before,
    after: before.map((_, y) => (keep[y] === true ? (before[y - by] ?? before[y]) : fresh[y]) as readonly Text[]),
  }));

const painted = ({sgr: codes, text}: Text): string => `\x1b[${codes}m${text}\x1b[m`;

function framesOf(
  lines: readonly (readonly Text[])[],
  rowOf: (pieces: readonly Piece[]) => ScreenRows[number],
): ScreenRows {
  return lines.map(texts => rowOf([{x: 0, room: COLUMNS, text: texts.map(painted).join('')}]));
}

const emulator = (): Terminal => new xterm.Terminal({cols: COLUMNS, rows: ROWS, allowProposedApi: true});
const write = (terminal: Terminal, text: string): Promise<void> => new Promise(done => terminal.write(text, done));

/** What each cell of a terminal looks like: of a blank one only what shows on it. */
function cellsOf(terminal: Terminal): readonly string[] {
  const buffer = terminal.buffer.active;
  const looks: string[] = [];
  for (let y = 0; y < terminal.rows; y++) {
    for (let x = 0; x < terminal.cols; x++) {
      const cell = buffer.getLine(y)?.getCell(x);
      if (cell === undefined) throw new Error(`there is no cell ${x},${y}`);
      const chars = cell.getChars() || ' ';
      const ground = [
        cell.getBgColorMode(),
        cell.getBgColor(),
        cell.isInverse() !== 0,
        cell.isUnderline() !== 0,
        cell.isStrikethrough() !== 0,
      ];
      const letters = [
        cell.getFgColorMode(),
        cell.getFgColor(),
        cell.isBold() !== 0,
        cell.isDim() !== 0,
        cell.isItalic() !== 0,
      ];
      const shows = cell.isInverse() || cell.isUnderline() || cell.isStrikethrough();
      const colour = chars === ' ' ? (shows ? letters.slice(0, 2) : []) : letters;
      looks.push([`${x},${y}`, chars, cell.getWidth(), ...ground, ...colour].join(' '));
    }
  }
  return looks;
}

describe('the writer of cells', () => {
  const [shown, plain] = [emulator(), emulator()];
  const reset = '\x1bc';

  /** What a terminal looks like on which the lines are written one by one, in the plainest way. */
  async function plainly(lines: readonly (readonly Text[])[]): Promise<readonly string[]> {
    await write(plain, reset + lines.map((texts, y) => `\x1b[${y + 1}H${texts.map(painted).join('')}`).join(''));
    return cellsOf(plain);
  }

  it('leaves the terminal with exactly the second of two frames', async () => {
    await fc.assert(
      fc.asyncProperty(change, async ({before, after}) => {
        const rowOf = createRows(COLUMNS, 64);
        const writer = createCellWriter();
        await write(shown, reset + writer.update(framesOf(before, rowOf)));
        expect(cellsOf(shown)).toEqual(await plainly(before));
        await write(shown, writer.update(framesOf(after, rowOf)));
        expect(cellsOf(shown)).toEqual(await plainly(after));
      }),
      {numRuns: 200},
    );
  });

  it('needs nothing of a terminal that knows no more than to move its cursor and to erase', async () => {
    await fc.assert(
      fc.asyncProperty(change, async ({before, after}) => {
        const rowOf = createRows(COLUMNS, 64);
        const writer = createCellWriter({modes: [], movesRows: false});
        const sent = [before, after].map(lines => writer.update(framesOf(lines, rowOf)));
        expect(sent.join('')).not.toMatch(/\x1b\[(?:[\d;]*[^\d;mHJKC]|\?)/);
        await write(shown, reset + sent.join(''));
        expect(cellsOf(shown)).toEqual(await plainly(after));
      }),
      {numRuns: 50},
    );
  });

  it('gets there in steps too, each of about so many bytes at most', async () => {
    await fc.assert(
      fc.asyncProperty(change, fc.integer({min: 1, max: 120}), async ({before, after}, most) => {
        const rowOf = createRows(COLUMNS, 64);
        const writer = createCellWriter();
        await write(shown, reset + writer.update(framesOf(before, rowOf), most));
        let steps = 1;
        do await write(shown, writer.update(framesOf(after, rowOf), most));
        while (!writer.complete() && steps++ <= ROWS);
        expect(steps).toBeLessThanOrEqual(ROWS);
        expect(cellsOf(shown)).toEqual(await plainly(after));
      }),
      {numRuns: 40},
    );
  });

  const tape = (first: number): readonly (readonly Text[])[] => [
    [{sgr: '1', text: 'TRADES'}],
    ...Array.from({length: 6}, (_, i) => [{sgr: '32', text: `trade ${first - i} of the day`}]),
    [{sgr: '', text: 'quit'}],
  ];

  it('sends a tape’s new row only, and nothing when nothing has changed', async () => {
    const rowOf = createRows(COLUMNS, 64);
    const writer = createCellWriter();
    writer.update(framesOf(tape(107), rowOf));
    expect(writer.update(framesOf(tape(107), rowOf))).toBe('');
    const sent = writer.update(framesOf(tape(108), rowOf));
    expect(sent).toContain('trade 108 of the day');
    expect(sent).not.toMatch(/trade 10[0-7]|TRADES|quit/);
  });

  it('sends the cells that changed only, and each style once', () => {
    const rowOf = createRows(COLUMNS, 64);
    const writer = createCellWriter();
    const row = (price: string) =>
      framesOf(
        [
          [
            {sgr: '', text: 'AAPL  '},
            {sgr: '32', text: price},
          ],
        ],
        rowOf,
      );
    writer.update(row('187.1234'));
    expect(writer.update(row('187.1567'))).toBe('\x1b[?2026h\x1b[;12H\x1b[32m567\x1b[m\x1b[?2026l');
  });

  it('draws everything after damage, and on a terminal of another size', async () => {
    const rowOf = createRows(COLUMNS, 64);
    const writer = createCellWriter();
    const whole = writer.update(framesOf(tape(107), rowOf));
    await write(shown, `${reset}noise\r\n\r\nnoise`);
    writer.damage();
    const again = writer.update(framesOf(tape(107), rowOf));
    expect(again).toBe(whole);
    await write(shown, again);
    expect(cellsOf(shown)).toEqual(await plainly(tape(107)));
    const wider = createRows(COLUMNS + 1, 64);
    expect(writer.update(framesOf(tape(107), wider))).toContain('trade 107');
  });

  // This emulator gives them one cell each, string-width two: others differ again.
  it('keeps what stands beside a character in its place, however wide the terminal takes it for', async () => {
    const rowOf = createRows(COLUMNS, 64);
    const writer = createCellWriter();
    for (const text of [
      'plain text      |',
      '\u{1f600} smile        |',
      '\u{1f468}\u200d\u{1f469}\u200d\u{1f467} family       |',
      'a\u0301 accent        |',
    ]) {
      await write(shown, writer.update(framesOf([[{sgr: '', text}]], rowOf)));
      const line = shown.buffer.active.getLine(0);
      expect([text, line?.getCell(16)?.getChars()]).toEqual([text, '|']);
    }
  });
});

describe('a row', () => {
  const rowOf = createRows(8, 16);
  const textOf = (pieces: readonly Piece[]): string => rowOf(pieces).glyphs.join('');
  const piece = (x: number, text: string, room = 99): Piece => ({x, room, text});

  it('shows later pieces over earlier ones, and no half of a character', () => {
    expect(textOf([piece(0, '漢字漢字'), piece(1, 'ab')])).toBe(' ab 漢字');
    expect(textOf([piece(0, 'abcdefgh'), piece(-1, '漢字')])).toBe(' 字defgh');
    expect(textOf([piece(0, 'abcdefgh'), piece(5, '漢字')])).toBe('abcde漢 ');
    expect(textOf([piece(2, 'abcd', 3)])).toBe('  ab…   ');
    expect(textOf([piece(2, '漢字', 3)])).toBe('  漢…   ');
    expect(textOf([piece(9, 'abc'), piece(-9, 'abc'), piece(0, '', 0)])).toBe('        ');
  });

  it('has no control character of its texts', () => {
    expect(textOf([piece(0, 'a\x1b]0;x\x07\x9bb\x1b[2J')])).toBe('a]0;xb[2');
  });

  it('is the same object while its pieces are the same', () => {
    expect(rowOf([piece(1, 'same')])).toBe(rowOf([piece(1, 'same')]));
  });
});
