import {z} from 'zod';
import {parseDigits} from '../core/decimal.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {SourceError} from './source-error.ts';

// What columns become on their way in. Text is made safe here, once; digits stay digits.

export const text = z.string().transform(value => sanitise(value));

/** NULL and the empty string are both nothing. */
export const maybeText = z
  .string()
  .nullable()
  .transform(value => (value ? sanitise(value) : undefined));

/** A statement's text on one line, its indentation gone. */
export const oneLine = (statement: string | null): SafeText => sanitise((statement ?? '').replace(/\s+/g, ' ').trim());

/** A number of an integer or float8 column. Not for money. */
export const number = z.number();

export const maybeNumber = z
  .number()
  .nullable()
  .transform(value => value ?? undefined);

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

/** Process ids as array_to_string gives them. */
export const pids = z
  .string()
  .nullable()
  .transform(value => (value ? value.split(',').map(Number) : []));

/** Checks and turns rows; a column that is not as the statement promises is a bug, named by statement and column. */
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

/** How the screen calls a service: its role without `svc_`; another role with the application's name behind it. */
export function serviceName(role: string | null, application: string | null = ''): SafeText {
  if (role?.startsWith('svc_') && role.length > 4) return sanitise(role.slice(4));
  return sanitise([role, application].filter(Boolean).join('/') || 'unknown');
}

/** Whether a counter grew; a smaller one began anew, and what it holds has come since. */
export const grew = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && (now < before ? now > 0 : now > before);
