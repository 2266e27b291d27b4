import {z} from 'zod';
import {type Digits, parseDigits} from '../core/decimal.ts';
import {isSafe, type SafeText, sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros, parseMicros} from '../core/time.ts';

/**
 * One field of an event's data. `schema` accepts the field from JSON whose numbers are their own digits. `pattern` is a
 * regular expression, with one capture, for the commonest form of a valid value; `read` turns the capture into what
 * `schema` would give (undefined: let the schema decide). `write` gives the value in JSON.
 */
export type Field<T> = {
  readonly schema: z.ZodType<T>;
  readonly pattern: string;
  readonly quoted: 'always' | 'never' | 'either';
  readonly required: boolean;
  readonly read: (captured: string, times: TimeReader) => T | undefined;
  // A method, so that fields with different values fit into one record.
  write(value: T): string;
};

/** Reads a time in its commonest form; undefined leaves it to `parseMicros`. */
export type TimeReader = (text: string) => Micros | undefined;

// A JSON string that needs no unescaping and that `sanitise` would not change. Without counted repetitions: they double
// the time of the regular expression, and `read` checks the length as well.
const PLAIN = '([ !#-\\[\\]-~]+)';
const NUMBER = '(-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9][0-9]?[0-9]?)?)';
const MOST_DIGITS = 40;

const lengthOf = (text: string): number => [...text].length;

/** Text for the screen, of at most `most` characters: what cannot be shown is changed. */
export const textField = (most: number): Field<SafeText> =>
  textFieldOf(
    textSchema(most).transform(v => sanitise(v)),
    most,
  );

/**
 * A key of at most `most` characters, the width of the table's column. It comes out exactly as it went in: one that
 * cannot be shown as it is would name something else once it is changed, and is refused.
 */
export const keyField = (most: number): Field<SafeText> =>
  textFieldOf(textSchema(most).refine(isSafe, 'has characters that cannot be shown') as z.ZodType<SafeText>, most);

const textSchema = (most: number) =>
  z
    .string()
    .refine(value => value !== '', 'must not be empty')
    .refine(value => value.length <= most || lengthOf(value) <= most, `must not be longer than ${most} characters`);

function textFieldOf(schema: z.ZodType<SafeText>, most: number): Field<SafeText> {
  return {
    schema,
    pattern: PLAIN,
    quoted: 'always',
    required: true,
    read: captured => (captured.length <= most ? (captured as SafeText) : undefined),
    write: value => JSON.stringify(value),
  };
}

/** The numbers that a column accepts: the table's own constraint. */
export type Sign = 'any' | 'not negative' | 'positive';

/**
 * A decimal number with its digits as they were written. Goes out as a JSON number, which every language can compute
 * with.
 */
export function decimalField(sign: Sign): Field<Digits> {
  return {
    schema: z.string().transform((value, context): Digits => {
      const plain = parseDigits(value);
      if (plain !== undefined && signFits(plain, sign)) return plain;
      const message = plain === undefined ? 'must be a finite decimal number' : `must be ${sign}`;
      context.issues.push({code: 'custom', message, input: value});
      return z.NEVER;
    }),
    pattern: NUMBER,
    quoted: 'either',
    required: true,
    read: captured => {
      const plain = captured.length <= MOST_DIGITS && isPlain(captured) ? captured : parseDigits(captured);
      return plain !== undefined && signFits(plain, sign) ? plain : undefined;
    },
    write: value => value,
  };
}

// Without an exponent: its letter would be among the last five characters, since NUMBER allows three digits after it.
function isPlain(captured: string): boolean {
  for (let i = Math.max(0, captured.length - 5); i < captured.length; i++)
    if (captured.charCodeAt(i) > 57) return false;
  return true;
}

function signFits(plain: Digits, sign: Sign): boolean {
  if (sign === 'any') return true;
  const first = plain.charCodeAt(0);
  if (first > 48) return true;
  const negative = first === 45;
  return sign === 'positive' ? !negative && !isZero(plain) : !negative || isZero(plain);
}

function isZero(plain: Digits): boolean {
  for (let i = 0; i < plain.length; i++) if (plain.charCodeAt(i) > 48) return false;
  return true;
}

/** The years before are no desk's: a clock or a field that was never set. */
const EARLIEST: Micros = Date.UTC(2000, 0, 1) * 1000;

/** An instant from the year 2000 on. Goes out with the offset +00:00, which Python's `fromisoformat` and PostgreSQL both read. */
export function timeField(): Field<Micros> {
  return {
    schema: z.string().transform((value, context): Micros => {
      const at = parseMicros(value);
      if (at !== undefined && at >= EARLIEST) return at;
      const message = at === undefined ? 'must be an ISO 8601 time' : 'must not be before the year 2000';
      context.issues.push({code: 'custom', message, input: value});
      return z.NEVER;
    }),
    pattern: '([0-9T:.+Z -]+)',
    quoted: 'always',
    required: true,
    read: (captured, times) => {
      const at = times(captured);
      return at !== undefined && at >= EARLIEST ? at : undefined;
    },
    write: value => `"${isoMicros(value).replace('Z', '+00:00')}"`,
  };
}

/** One of a few words, in lower or upper case. */
export function oneOfField<const W extends string>(...words: readonly [W, ...W[]]): Field<W> {
  return {
    schema: z.preprocess(
      value => (typeof value === 'string' ? value.toLowerCase() : value),
      z.enum(words, {error: `must be ${words.join(' or ')}`}),
    ) as z.ZodType<W>,
    pattern: `(${words.join('|')})`,
    quoted: 'always',
    required: true,
    read: captured => captured as W,
    write: value => `"${value}"`,
  };
}

/** The same field where it may be missing, null or empty. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    ...field,
    schema: z.preprocess(
      value => (value === null || value === '' ? undefined : value),
      field.schema.optional(),
    ) as z.ZodType<T | undefined>,
    required: false,
    write: value => (value === undefined ? 'null' : field.write(value)),
  };
}
