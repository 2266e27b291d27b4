import {type Align, cells, cut, isolate, pad} from '../../src/core/width.ts';
import type {About} from '../../src/model/state.ts';

/** What a piece of text means; the palette below says how that looks. */
export type Style = keyof typeof PALETTE;

/** A piece of a line. Plain text; how it looks is its style's business. */
export type Span = readonly [text: string, style?: Style | undefined];

/** One line of the screen. */
export type Line = readonly Span[];

/** How lines become text: with colours or without, with our glyphs or in ASCII. */
export type Theme = {readonly colour: boolean; readonly ascii: boolean};

// SGR codes of the 16-colour palette that read on dark and on light: no white, black or yellow text on the terminal's
// own ground, but for the one glyph of a warning. The second list is what remains without colours.
const PALETTE = {
  plain: [[], []],
  faint: [[2], [2]],
  strong: [[1], [1]],
  accent: [[36], []],
  title: [[1, 36], [1]],
  ok: [[32], []],
  warn: [[33], []],
  crit: [[1, 31], [1]],
  gain: [[32], []],
  loss: [[31], []],
  buy: [[36], []],
  sell: [[35], []],
  select: [[7], [7]],
  demo: [[30, 46], [7]],
  dev: [[30, 42], [7]],
  paper: [[30, 43], [7]],
  prod: [
    [1, 97, 41],
    [1, 7],
  ],
  paused: [[30, 43], [7]],
  alarm: [
    [1, 97, 41],
    [1, 7],
  ],
  button: [
    [1, 7],
    [1, 7],
  ],
} as const satisfies Record<string, readonly [colour: readonly number[], plain: readonly number[]]>;

const THEMES: readonly Theme[] = [0, 1, 2, 3].map(bits => ({colour: (bits & 1) === 1, ascii: (bits & 2) === 2}));

/** The theme that a State asks for: the same object for the same answer, so that nothing is drawn again for it. */
export const themeOf = ({about}: {readonly about: About}): Theme =>
  THEMES[(about.colour === false ? 0 : 1) + (about.ascii ? 2 : 0)] as Theme;

/** Severity is a glyph and a word as well as a colour. */
export const GLYPH = {ok: '●', warn: '▲', crit: '✖', idle: '○'} as const;

// One character for one, so that nothing moves.
const TO_ASCII: Readonly<Record<string, string>> = {
  '●': 'o',
  '○': '.',
  '▲': '!',
  '✖': 'x',
  '▸': '>',
  '✓': '+',
  '…': '~',
  '·': '.',
  '−': '-',
  '–': '-',
  '—': '-',
  '×': 'x',
  Δ: 'd',
  '↻': '@',
  '↑': '^',
  '↓': 'v',
  '←': '<',
  '→': '>',
  '│': '|',
  '─': '-',
  '╭': '+',
  '╮': '+',
  '╰': '+',
  '╯': '+',
  '├': '+',
  '┤': '+',
  '’': "'",
  '“': '"',
  '”': '"',
  '▏': '_',
  '░': '.',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '%',
  '█': '#',
};
const GLYPHS = new RegExp(`[${Object.keys(TO_ASCII).join('')}]`, 'g');

/** A text in ASCII where it is made of our glyphs; what came from outside stays as it is. */
const toAscii = (text: string): string => text.replace(GLYPHS, glyph => TO_ASCII[glyph] ?? glyph);

// Each code is opened and closed by itself, the last first, as Ink writes them: a line that it need not write anew is
// taken apart once a frame and not twice.
const closing = (code: number): number => (code <= 2 ? 22 : code === 7 ? 27 : code >= 40 && code < 50 ? 49 : 39);
const sequence = (code: number): string => `\u001b[${code}m`;
const brackets = (codes: readonly number[]): Brackets => ({
  open: codes.map(sequence).join(''),
  close: codes.map(closing).reverse().map(sequence).join(''),
});
type Brackets = {readonly open: string; readonly close: string};
const BRACKETS = Object.fromEntries(
  Object.entries(PALETTE).map(([style, codes]) => [style, [brackets(codes[0]), brackets(codes[1])]]),
) as unknown as Readonly<Record<Style, readonly [colour: Brackets, plain: Brackets]>>;

/** A text as its style looks. */
function paint(text: string, style: Style | undefined, theme: Theme): string {
  const shown = theme.ascii ? toAscii(text) : text;
  if (shown === '') return '';
  const {open, close} = BRACKETS[style ?? 'plain'][theme.colour ? 0 : 1];
  return open + shown + close;
}

/** Width of a line in cells. */
export const lineWidth = (line: Line): number => line.reduce((sum, [text]) => sum + cells(text), 0);

/** The text of a line, without its styles. */
const plainText = (line: Line): string => line.map(([text]) => text).join('');

/** A line in exactly `width` cells: cut from the right, or filled with spaces on it. */
export function fitLine(line: Line, width: number): Line {
  const out: Span[] = [];
  let left = width;
  for (const [text, style] of line) {
    if (left <= 0) break;
    const w = cells(text);
    if (w <= left) out.push([text, style]);
    else out.push([pad(cut(text, left), left), style]);
    left -= w;
  }
  return left > 0 ? [...out, [' '.repeat(left)]] : out;
}

/**
 * A line as it is written: `width` cells, whatever it is made of. `faint` takes all styles away and dims it: what lies
 * under a dialog.
 */
export function render(line: Line, width: number, theme: Theme, faint = false): string {
  const fitted = fitLine(
    line.map(([text, style]) => [isolate(text), style]),
    width,
  );
  const whole = plainText(fitted);
  // Pieces can join into other characters than they were measured as (marks, flags, Hangul): then the line goes plain.
  if (cells(whole) !== width) return paint(pad(whole, width), faint ? 'faint' : 'plain', theme);
  if (faint) return paint(whole, 'faint', theme);
  return joined(fitted)
    .map(([text, style]) => paint(text, style, theme))
    .join('');
}

// Where spaces show nothing of a style, the piece before goes on over them.
const SPACES: ReadonlySet<Style | undefined> = new Set(['faint', 'strong', 'accent', 'title', 'gain', 'loss']);

/** The same line in fewer pieces: neighbours of one style are one, with the spaces between them. */
function joined(line: Line): Line {
  const out: Span[] = [];
  line.forEach(([text, style], i) => {
    const last = out.at(-1);
    const bridge = style === undefined && SPACES.has(last?.[1]) && line[i + 1]?.[1] === last?.[1] && text.trim() === '';
    if (last !== undefined && (last[1] === style || bridge)) out[out.length - 1] = [last[0] + text, last[1]];
    else out.push([text, style]);
  });
  return out;
}

/** A cell of a table: one span of `width` cells. */
export const cell = (text: string, width: number, align: Align, style?: Style): Span => [
  pad(text, width, align),
  style,
];
