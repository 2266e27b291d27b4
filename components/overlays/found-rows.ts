import {count, plural} from '../../src/core/format.ts';
import {cells, pad} from '../../src/core/width.ts';
import {labelled} from '../lines/paragraph.ts';
import type {Line} from '../lines/theme.ts';
import type {Found} from '../panes/shared/pane-table.ts';

const GAP = 2;

/** What a row has found, whole: as a table where that fits into `width` cells, else each row as names and values. */
export function foundLines({rows, more}: Found, width: number): readonly Line[] {
  if (rows.length === 0) return [];
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))];
  const widths = names.map(name => Math.max(cells(name), ...rows.map(row => cells(textOf(row[name])))));
  const total = widths.reduce((sum, each) => sum + each + GAP, -GAP);
  const words = more ? `found more than ${count(rows.length)} rows: the first` : 'found';
  const heading: readonly Line[] = [[], [[`${words} ${plural(rows.length, 'row')}`, 'faint']]];
  return [...heading, ...(total <= width ? tableLines(rows, names, widths) : rows.flatMap(recordLines(names, width)))];
}

const textOf = (value: string | null | undefined): string => value ?? 'null';

function tableLines(rows: Found['rows'], names: readonly string[], widths: readonly number[]): readonly Line[] {
  const joined = (texts: readonly string[]): string =>
    texts.map((text, i) => pad(text, widths[i] ?? 0)).join(' '.repeat(GAP));
  return [[[joined(names), 'strong']], ...rows.map((row): Line => [[joined(names.map(name => textOf(row[name])))]])];
}

/** The lines of one row, with its number in front. */
const recordLines =
  (names: readonly string[], width: number) =>
  (row: Found['rows'][number], i: number): readonly Line[] => {
    const label = Math.max(...names.map(cells)) + GAP;
    return [[[`row ${i + 1}`, 'strong']], ...names.flatMap(name => labelled(name, textOf(row[name]), label, width))];
  };
