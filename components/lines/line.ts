import {type Align, cells, cut, isolate, pad} from '../../src/core/width.ts';
import {type Line, paint, type Span, type Style, type Theme} from './theme.ts';

/** Width of a line in cells. */
export const lineWidth = (line: Line): number => line.reduce((sum, [text]) => sum + cells(text), 0);

/** A line's text without its styles. */
export const plainText = (line: Line): string => line.map(([text]) => text).join('');

/** A line in at most `width` cells: what does not fit is cut at the right and leaves an ellipsis. */
export function cutLine(line: Line, width: number): Line {
  const out: Span[] = [];
  let left = width;
  for (const [text, style] of line) {
    if (left <= 0) break;
    out.push([cut(text, left), style]);
    left -= cells(text);
  }
  return out;
}

/** A line of exactly `width` cells: cut at the right, or filled with spaces there. */
function fitLine(line: Line, width: number): Line {
  const fitting = cutLine(line, width);
  const left = width - lineWidth(fitting);
  return left > 0 ? [...fitting, [' '.repeat(left)]] : fitting;
}

/** A line as it is written, with its escape sequences: exactly `width` cells, whatever it consists of. */
export function renderLine(line: Line, width: number, theme: Theme): string {
  const fitted = fitLine(
    line.map(([text, style]) => [isolate(text), style]),
    width,
  );
  const whole = plainText(fitted);
  // Where pieces meet, they can join into other characters than were measured (marks, flags, Hangul): such a line is
  // written without styles.
  if (cells(whole) !== width) return paint(pad(whole, width), 'plain', theme);
  if (theme.dimmed) return paint(whole, 'plain', theme);
  return joined(fitted)
    .map(([text, style]) => paint(text, style, theme))
    .join('');
}

// Styles that do not show on spaces.
const SPACES: ReadonlySet<Style | undefined> = new Set(['faint', 'strong', 'accent', 'title', 'gain', 'loss']);

/** The same line in fewer pieces: neighbours of one style become one, with the spaces between them. */
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
