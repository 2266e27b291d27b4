import {wrap} from '../../../src/core/width.ts';
import type {Status} from '../../lines/status.ts';
import {GLYPH, type Line, type Span, type Style} from '../../lines/theme.ts';

type NoticesInput = {
  readonly status: Status;
  /** What else is wrong, a line each. */
  readonly remarks: readonly string[];
  /** Shown in place of rows where there are none and nothing is wrong. */
  readonly empty: string;
  /** Rows before and after the filter. */
  readonly all: number;
  readonly shown: number;
  readonly filter: string;
  /** What the rows that another row led to have in common; undefined: none did. */
  readonly where: string | undefined;
  /** Why the filter is not valid. */
  readonly filterError: string | undefined;
  /** Cells between the edges of the pane. */
  readonly width: number;
};

// A remark takes no more lines than this: rows are worth more.
const MOST_REMARK_LINES = 3;

/** What a pane says above its rows: the reason why it has no new ones, the error of its filter, that it is empty. */
export function noticeLines(input: NoticesInput): readonly Line[] {
  const {status, remarks, empty, all, shown, filter, where, filterError} = input;
  const width = Math.max(1, input.width - 2);
  const say = (text: string, style: Style): readonly Line[] => indented(text, width, style);
  return [
    ...statusLines(status, width),
    ...(filterError === undefined ? [] : say(`${GLYPH.warn} filter: ${filterError}`, 'strong')),
    ...remarks.flatMap(text => shortened(say(`${GLYPH.warn} ${text}`, 'plain'))),
    ...(all === 0 && empty !== '' && status.detail === '' ? say(empty, 'faint') : []),
    ...(shown === 0 && all > 0 ? say(noneShown(filter, where), 'faint') : []),
  ];
}

/** The first lines of a remark; the last of them says where there is more. */
function shortened(lines: readonly Line[]): readonly Line[] {
  if (lines.length <= MOST_REMARK_LINES) return lines;
  return lines.slice(0, MOST_REMARK_LINES).map((line, i) => (i === MOST_REMARK_LINES - 1 ? [...line, [' …']] : line));
}

const noneShown = (filter: string, where: string | undefined): string =>
  where === undefined || filter !== '' ? `no row matches /${filter} (Esc clears it)` : `no row of ${where} here`;

function statusLines({severity, head, detail, since, next}: Status, width: number): readonly Line[] {
  if (detail === '') return [];
  const idle = severity === 'idle';
  const sign: Span = [`${GLYPH[severity]} `, severity === 'idle' ? 'faint' : severity];
  const words = wrap(idle ? detail : `${head}: ${detail}`, width - 2);
  return [
    ...words.map((line, i): Line => [[' '], i === 0 ? sign : ['  '], [line, idle ? 'faint' : 'strong']]),
    ...(since === '' ? [] : indented(`  ${since}`, width, 'faint')),
    ...(next === '' ? [] : indented(`  ${next}`, width, 'plain')),
  ];
}

/** A wrapped text. Two spaces or a sign at its beginning indent the lines after the first as well. */
function indented(text: string, width: number, style: Style): readonly Line[] {
  const indent = /^(?: {2}|\W )/.test(text) ? 2 : 0;
  const lead = text.slice(0, indent);
  return wrap(text.slice(indent), width - indent).map(
    (line, i): Line => [[` ${i === 0 ? lead : ' '.repeat(indent)}${line}`, style]],
  );
}
