import {z} from 'zod';
import {parseDigits} from '../core/decimal.ts';
import {type Camel, camelCase} from '../core/name-case.ts';
import {keyText, type SafeText, sanitise} from '../core/sanitise.ts';
import {parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {SourceError} from './source-error.ts';

/**
 * The schema of a statement's row. It spells the columns by their SQL names; the rows that it gives have the same names
 * in camelCase. `z.output<typeof row>` is the type of such a row.
 */
export function rowSchema<const Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodType<{readonly [Column in keyof Shape & string as Camel<Column>]: z.output<Shape[Column]>}> {
  const names = Object.keys(shape).map(column => [column, camelCase(column)] as const);
  return z.object(shape).transform(row => {
    const values = row as Readonly<Record<string, unknown>>;
    return Object.fromEntries(names.map(([column, name]) => [name, values[column]])) as never;
  });
}

/** The type of the rows that a function gives. */
export type RowOf<Rows extends (...args: never) => readonly object[]> = Readonly<ReturnType<Rows>[number]>;

// The types of columns. Text becomes safe to show here, once; digits stay digits.

export const text = z.string().transform(value => sanitise(value));

/** A key, by which rows and events are told apart: different keys stay different. */
export const key = z.string().transform(value => keyText(value));

/** Undefined for NULL and for the empty string. */
export const maybeKey = z
  .string()
  .nullable()
  .transform(value => (value ? keyText(value) : undefined));

/** Undefined for NULL and for the empty string. */
export const maybeText = z
  .string()
  .nullable()
  .transform(value => (value ? sanitise(value) : undefined));

/** Empty for NULL. */
export const textOrEmpty = z
  .string()
  .nullable()
  .transform(value => sanitise(value ?? ''));

/** A number of an integer or float8 column, such as the age of a time that PostgreSQL calls infinity. Not for money. */
export const number = z.custom<number>(
  value => typeof value === 'number' && !Number.isNaN(value),
  'Invalid input: expected number',
);

export const maybeNumber = number.nullable().transform(value => value ?? undefined);

/** A numeric's digits; undefined for NULL, NaN and infinity. */
export const digits = z
  .string()
  .nullable()
  .transform(value => (value === null ? undefined : parseDigits(value)));

/** A timestamptz; undefined for NULL and infinity. */
export const instant = z
  .string()
  .nullable()
  .transform(value => (value === null ? undefined : parseMicros(value)));

/** Process ids as array_to_string writes them. */
export const pids = z
  .string()
  .nullable()
  .transform((value): readonly number[] => (value ? value.split(',').map(Number) : []));

/** Decodes rows. A column that is not as the schema says is a bug; the error names the statement and the column. */
export function decode<S extends z.ZodType>(schema: S, rows: readonly Raw[], sql: string): readonly z.output<S>[] {
  return rows.map(row => {
    const {success, data, error} = schema.safeParse(row);
    if (success) return data;
    const issue = error.issues[0];
    throw new SourceError({
      why: 'bug',
      message: `${sql}: ${issue?.path.join('.')}: ${issue?.message}`,
      next: '',
      retry: true,
    });
  });
}

/** The row of a statement that always gives one. */
export function decodeOne<S extends z.ZodType>(schema: S, rows: readonly Raw[], sql: string): z.output<S> {
  const [row] = decode(schema, rows.slice(0, 1), sql);
  if (row === undefined) throw new SourceError({why: 'bug', message: `${sql}: no row`, next: '', retry: true});
  return row;
}

/** The name of a service on the screen: its role without `svc_`; for any other role, `role/application`. */
export function serviceName(role: string | null, application: string | null = ''): SafeText {
  if (role?.startsWith('svc_') && role.length > 4) return sanitise(role.slice(4));
  return sanitise([role, application].filter(Boolean).join('/') || 'unknown');
}

/** Whether a counter grew. A smaller value than before was counted from zero after a restart. */
export const grew = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && (now < before ? now > 0 : now > before);
