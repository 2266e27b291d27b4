import type {Digits} from '../../src/core/decimal.ts';
import {ageAt, money, signed} from '../../src/core/format.ts';
import {isoMicros, type Micros} from '../../src/core/time.ts';
import type {Column, Value} from './table.ts';
import type {Style} from './theme.ts';

/** What stands where a text was not given. */
export const NONE = '–';

type More<Row> = Partial<Omit<Column<Row>, 'id' | 'title' | 'priority'>>;

/** A column of words. `width` is the least, then the wanted and the most. */
export function words<Row>(
  id: string,
  title: string,
  priority: number,
  [width, ideal, max]: readonly [number, number?, number?],
  value: (row: Row) => string | undefined,
  more: More<Row> = {},
): Column<Row> {
  return {
    id,
    title,
    priority,
    align: 'left',
    width,
    ...(ideal === undefined ? {} : {ideal}),
    ...(max === undefined ? {} : {max}),
    value: row => value(row) ?? null,
    text: row => value(row) ?? NONE,
    ...more,
  };
}

/** A column of numbers that are counted or measured; what is not known leaves its cell empty, or says `none`. */
export function numbers<Row>(
  id: string,
  title: string,
  priority: number,
  width: number,
  value: (row: Row) => number | undefined,
  text: (n: number) => string,
  more: More<Row> & {readonly none?: string} = {},
): Column<Row> {
  const {none = '', ...rest} = more;
  return {
    id,
    title,
    priority,
    align: 'right',
    width,
    value: row => value(row) ?? null,
    text: row => {
      const n = value(row);
      return n === undefined ? none : text(n);
    },
    ...rest,
  };
}

/** A column of exact decimals, which JSON keeps as strings. `decimals`: a number, or what the column's rows need. */
export function decimals<Row>(
  id: string,
  title: string,
  priority: number,
  width: number,
  digits: (row: Row) => Digits | undefined,
  places: number | 'needed',
  more: More<Row> = {},
): Column<Row> {
  return {
    id,
    title,
    priority,
    align: 'right',
    width,
    digits,
    aligned: places === 'needed',
    value: row => digits(row) ?? null,
    text: (row, context) => money(digits(row), places === 'needed' ? context.decimals : places),
    ...more,
  };
}

/** A column of gains and losses: signed, and coloured by the sign. `none` stands where there is none. */
export function profits<Row>(
  id: string,
  title: string,
  priority: number,
  width: number,
  digits: (row: Row) => Digits | undefined,
  none?: string,
): Column<Row> {
  return {
    ...decimals(id, title, priority, width, digits, 2),
    text: row => (none !== undefined && digits(row) === undefined ? none : signed(digits(row))),
    style: row => pnlStyle(digits(row)),
  };
}

/** A column of instants, shown as ages. */
export function ages<Row>(
  id: string,
  title: string,
  priority: number,
  width: number,
  at: (row: Row) => Micros | undefined,
  none?: string,
): Column<Row> {
  return {
    id,
    title,
    priority,
    align: 'right',
    width,
    value: row => isoOrNull(at(row)),
    text: (row, {now}) => (none !== undefined && at(row) === undefined ? none : ageAt(at(row), now)),
    style: () => 'faint',
  };
}

/** A column that there is never room for on a line: it is for JSON and the details of a row. */
export function unseen<Row>(id: string, value: (row: Row) => Value | undefined): Column<Row> {
  return {
    id,
    title: id.toUpperCase().replaceAll('_', ' '),
    align: 'left',
    width: 0,
    priority: Number.POSITIVE_INFINITY,
    sortable: false,
    value: row => value(row) ?? null,
    text: row => String(value(row) ?? ''),
  };
}

/** Gain and loss are told by colour as well as by sign. */
export const pnlStyle = (digits: Digits | undefined): Style | undefined =>
  digits === undefined || !/[1-9]/.test(digits) ? undefined : digits.startsWith('-') ? 'loss' : 'gain';

/** An instant in JSON. */
export const isoOrNull = (at: Micros | undefined): string | null => (at === undefined ? null : isoMicros(at));
