import stringWidth from 'string-width';

export type Align = 'left' | 'right' | 'center';

// Characters that take one cell each in any context: printable ASCII, letters of Latin-1 and Latin Extended-A, and the
// signs that we draw with. Text of these needs no segmenter, which is a hundred times slower.
const PLAIN =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u0394\u2010-\u2015\u2018-\u201f\u2026\u2190-\u2193\u2212\u21bb\u23ce\u2423\u2500-\u259f\u25b2\u25b8\u25cb\u25cf\u2713\u2716]*$/;
const graphemes = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

/** Width in terminal cells, as Ink itself measures it. */
export const cells = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

/** Whether each character of a text takes one cell, on any terminal and beside any other. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

/** The characters of a text as they are seen, each with its width in cells. */
export const clusters = (text: string): readonly (readonly [cluster: string, width: number])[] =>
  Array.from(graphemes.segment(text), ({segment}) => [segment, cells(segment)] as const);

/**
 * The beginning of a text in at most `width` cells; a text that is cut ends with an ellipsis (one cell). It never
 * halves a character of two cells.
 */
export function cut(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  // A cell holds at most a letter and its marks: text far beyond the width need not be measured.
  const reach = width * 12 + 64;
  const head = text.length > reach ? text.slice(0, reach) : text;
  if (PLAIN.test(head)) return head.length <= width ? head : head.slice(0, width - 1) + ellipsis;
  if (head === text && stringWidth(head) <= width) return head;
  return leading(head, width - 1) + ellipsis;
}

/** A text in exactly `width` cells, cut or padded with spaces. */
export function pad(text: string, width: number, align: Align = 'left', ellipsis = '…'): string {
  if (width <= 0) return '';
  const short = cut(text, width, ellipsis);
  const gap = width - cells(short);
  if (gap <= 0) return short;
  if (align === 'left') return short + ' '.repeat(gap);
  if (align === 'right') return ' '.repeat(gap) + short;
  const before = Math.floor(gap / 2);
  return ' '.repeat(before) + short + ' '.repeat(gap - before);
}

/** The end of a text in at most `width` cells, for a field that is being typed. */
export function tail(text: string, width: number, ellipsis = '…'): string {
  if (cells(text) <= width) return text;
  if (width <= 0) return '';
  const parts = Array.from(graphemes.segment(text), s => s.segment);
  let kept = '';
  let used = 1;
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i] as string;
    used += stringWidth(part);
    if (used > width) break;
    kept = part + kept;
  }
  return ellipsis + kept;
}

/** Lines of at most `width` cells, broken between words where possible. Always at least one line. */
export function wrap(text: string, width: number): readonly string[] {
  if (width < 2) return [cut(text, width)];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (cells(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (cells(line) > width) {
      const head = leading(line, width);
      lines.push(head === '' ? '…' : head);
      // A cluster wider than the line is dropped, so that the loop ends.
      line = line.slice(head === '' ? (graphemes.segment(line).containing(0)?.segment.length ?? 1) : head.length);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/**
 * A text that does not join its neighbours: without marks at its beginning, and without characters at its end that join
 * the next one; as wide as before. Ink loses such characters between two styles.
 */
export function isolate(text: string): string {
  if (PLAIN.test(text)) return text;
  const [first, ...rest] = Array.from(graphemes.segment(` ${text} `));
  const from = (first?.segment.length ?? 1) - 1;
  const last = rest.at(-1);
  const apart = last === undefined || last.segment === ' ' ? text.slice(from) : text.slice(from, last.index - 1);
  return apart === text ? text : apart + ' '.repeat(Math.max(0, cells(text) - cells(apart)));
}

/** A text without its last visible character, as Backspace leaves it. */
export function dropLast(text: string): string {
  const last = Array.from(graphemes.segment(text)).at(-1);
  return last ? text.slice(0, last.index) : '';
}

function leading(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const {segment, index} of graphemes.segment(text)) {
    const w = stringWidth(segment);
    if (used + w > width) break;
    used += w;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
