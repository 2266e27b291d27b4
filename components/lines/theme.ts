import type {About} from '../../src/model/state.ts';
import {toAscii} from './ascii.ts';

/** What a piece of text means; the palette below says how that looks. */
export type Style = keyof typeof PALETTE;

/** A piece of a line and its style; without one it is plain. */
export type Span = readonly [text: string, style?: Style | undefined];

/** One line of the screen. */
export type Line = readonly Span[];

/** How styles become escape sequences. There is one object for each combination, so that props can be compared. */
export type Theme = {
  readonly colour: boolean;
  /** Our glyphs are replaced by ASCII characters. */
  readonly ascii: boolean;
  /** Everything is dim and without colour: what lies under a dialog. */
  readonly dimmed: boolean;
};

// SGR codes of the 16-colour palette that are legible on dark and on light: no white, black or yellow text on the
// terminal's own background, except the glyph of a warning. The second list applies without colours.
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

const THEMES: readonly Theme[] = [0, 1, 2, 3, 4, 5, 6, 7].map(bits => ({
  colour: (bits & 1) !== 0,
  ascii: (bits & 2) !== 0,
  dimmed: (bits & 4) !== 0,
}));

const themeWith = ({colour, ascii, dimmed}: Theme): Theme =>
  THEMES[(colour ? 1 : 0) + (ascii ? 2 : 0) + (dimmed ? 4 : 0)] as Theme;

/** The theme that the settings of a console ask for. */
export const themeOf = ({about}: {readonly about: Pick<About, 'colour' | 'ascii'>}): Theme =>
  themeWith({colour: about.colour !== false, ascii: about.ascii, dimmed: false});

/** The same theme for what lies under a dialog. */
export const dimmed = (theme: Theme): Theme => themeWith({...theme, dimmed: true});

/** Severity is shown by a glyph and a word as well as by colour. */
export const GLYPH = {ok: '●', warn: '▲', crit: '✖', idle: '○'} as const;

type Brackets = {readonly open: string; readonly close: string};

// Each code is opened and closed separately, the last first, as Ink itself writes them: Ink then parses a line that has
// not changed once a frame instead of twice.
const closing = (code: number): number => (code <= 2 ? 22 : code === 7 ? 27 : code >= 40 && code < 50 ? 49 : 39);
const sequence = (code: number): string => `\u001b[${code}m`;
const brackets = (codes: readonly number[]): Brackets => ({
  open: codes.map(sequence).join(''),
  close: codes.map(closing).reverse().map(sequence).join(''),
});
const BRACKETS = Object.fromEntries(
  Object.entries(PALETTE).map(([style, codes]) => [style, [brackets(codes[0]), brackets(codes[1])]]),
) as unknown as Readonly<Record<Style, readonly [colour: Brackets, plain: Brackets]>>;

/** A text with the escape sequences of its style. */
export function paint(text: string, style: Style | undefined, theme: Theme): string {
  const shown = theme.ascii ? toAscii(text) : text;
  if (shown === '') return '';
  const {open, close} = BRACKETS[theme.dimmed ? 'faint' : (style ?? 'plain')][theme.colour ? 0 : 1];
  return open + shown + close;
}
