import type {Digits} from '../../src/core/decimal.ts';
import {ageAt, money, signed} from '../../src/core/format.ts';
import type {Severity} from '../../src/core/severity.ts';
import {isoMicros, type Micros} from '../../src/core/time.ts';
import type {Column, Value} from './table.ts';
import {GLYPH, type Style} from './theme.ts';

/** Placeholder for a missing text. */
export const NONE = '–';

/** What every column is declared with; see `Column` for the meaning of each key. */
type Common<Row> = Pick<Column<Row>, 'id' | 'title' | 'priority' | 'width'> &
  Partial<Pick<Column<Row>, 'style' | 'sortable' | 'grows' | 'sparse' | 'keepEnd'>>;

type TextColumn<Row> = Common<Row> &
  Pick<Column<Row>, 'ideal' | 'max' | 'share'> & {
    readonly value: (row: Row) => Value | undefined;
    /** What the cell shows. Default: the value, or `–` where there is none. */
    readonly text?: (row: Row) => string;
  };

/** A left-aligned column of words. */
export function textColumn<Row>({value, text, ...rest}: TextColumn<Row>): Column<Row> {
  return {
    ...rest,
    align: 'left',
    value: row => value(row) ?? null,
    text: row => (text === undefined ? String(value(row) ?? NONE) : text(row)),
  };
}

type SeverityColumn<Row> = Partial<Pick<Column<Row>, 'style' | 'sortable'>> & {
  readonly of: (row: Row) => Severity;
  /** Nothing is shown of what is well. */
  readonly quiet?: boolean;
  /** What the cell of some rows shows instead of the severity's sign. */
  readonly text?: (row: Row) => string | undefined;
};

/** The column of one cell that shows how bad a row is, by a sign and its colour. */
export function severityColumn<Row>({of, quiet = false, text, ...rest}: SeverityColumn<Row>): Column<Row> {
  const sign = (row: Row): string => (quiet && of(row) === 'ok' ? '' : GLYPH[of(row)]);
  return textColumn({
    id: 'severity',
    title: '',
    priority: 0,
    width: 1,
    value: of,
    text: row => text?.(row) ?? sign(row),
    style: of,
    sortable: false,
    ...rest,
  });
}

type NumberColumn<Row> = Common<Row> & {
  readonly value: (row: Row) => number | undefined;
  readonly format: (n: number) => string;
  /** Shown where there is no value. Default: nothing. */
  readonly missing?: string;
  /** What the cell shows, where that takes more than the value. */
  readonly text?: (row: Row) => string;
};

/** A right-aligned column of counts or measurements. */
export function numberColumn<Row>({value, format, missing = '', text, ...rest}: NumberColumn<Row>): Column<Row> {
  const formatted = (row: Row) => {
    const n = value(row);
    return n === undefined ? missing : format(n);
  };
  return {...rest, align: 'right', value: row => value(row) ?? null, text: text ?? formatted};
}

type DecimalColumn<Row> = Common<Row> &
  Pick<Column<Row>, 'minDecimals'> & {
    readonly digits: (row: Row) => Digits | undefined;
    /** How many decimals the cells show; `'needed'`: as many as the column's rows need. */
    readonly decimals: number | 'needed';
  };

/** A right-aligned column of exact decimals, which JSON keeps as strings. A missing number shows `n/a`. */
export function decimalColumn<Row>({digits, decimals, ...rest}: DecimalColumn<Row>): Column<Row> {
  return {
    ...rest,
    align: 'right',
    digits,
    aligned: decimals === 'needed',
    value: row => digits(row) ?? null,
    text: (row, context) => money(digits(row), decimals === 'needed' ? context.decimals : decimals),
  };
}

type PnlColumn<Row> = Common<Row> & {
  readonly digits: (row: Row) => Digits | undefined;
  /** Shown where there is neither profit nor loss to state. Default: `n/a`. */
  readonly missing?: string;
  /** Rows whose figure is shown faint, without its colour: it is out of date. */
  readonly dim?: (row: Row) => boolean;
};

/** A column of exact profits and losses with two decimals: signed, and coloured by the sign. */
export function pnlColumn<Row>({digits, missing, dim, ...rest}: PnlColumn<Row>): Column<Row> {
  return {
    ...decimalColumn({...rest, digits, decimals: 2}),
    text: row => (missing !== undefined && digits(row) === undefined ? missing : signed(digits(row))),
    style: row => (dim?.(row) === true ? 'faint' : pnlStyle(digits(row))),
  };
}

type AgeColumn<Row> = Common<Row> & {
  readonly at: (row: Row) => Micros | undefined;
  /** Shown where there is no time. Default: `n/a`. */
  readonly missing?: string;
};

/** A column of times: ages on the screen, ISO 8601 in JSON. */
export function ageColumn<Row>({at, missing, ...rest}: AgeColumn<Row>): Column<Row> {
  return {
    style: () => 'faint',
    ...rest,
    align: 'right',
    numeric: false,
    value: row => isoOrNull(at(row)),
    text: (row, {now}) => (missing !== undefined && at(row) === undefined ? missing : ageAt(at(row), now)),
  };
}

type DetailColumn<Row> = {readonly id: string; readonly value: (row: Row) => Value | undefined};

/** A column that the table never shows: only JSON and the details of a row have it. */
export function detailColumn<Row>({id, value}: DetailColumn<Row>): Column<Row> {
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

/** The colour of a profit or a loss, which its sign also tells; none for zero and where there is no number. */
export const pnlStyle = (digits: Digits | undefined): Style | undefined =>
  digits === undefined || !/[1-9]/.test(digits) ? undefined : digits.startsWith('-') ? 'loss' : 'gain';

/** A time in JSON: ISO 8601, or null. */
export const isoOrNull = (at: Micros | undefined): string | null => (at === undefined ? null : isoMicros(at));
