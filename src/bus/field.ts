import {z} from 'zod';
import {type Digits, parseDigits} from '../core/decimal.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
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
  /** Whether a publisher's value must come out as it went in: text that is changed would name something else. */
  readonly verbatim: boolean;
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

/** Text of at most `most` characters, the width of the table's column. */
export function textField(most: number): Field<SafeText> {
  return {
    schema: z
      .string()
      .refine(value => value !== '', 'must not be empty')
      .refine(value => value.length <= most || lengthOf(value) <= most, `must not be longer than ${most} characters`)
      .transform(value => sanitise(value)),
    pattern: PLAIN,
    quoted: 'always',
    required: true,
    verbatim: true,
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
    verbatim: false,
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

/** An instant. Goes out with the offset +00:00, which Python's `fromisoformat` and PostgreSQL both read. */
export function timeField(): Field<Micros> {
  return {
    schema: z.string().transform((value, context): Micros => {
      const at = parseMicros(value);
      if (at !== undefined) return at;
      context.issues.push({code: 'custom', message: 'must be an ISO 8601 time', input: value});
      return z.NEVER;
    }),
    pattern: '([0-9T:.+Z -]+)',
    quoted: 'always',
    required: true,
    verbatim: false,
    read: (captured, times) => times(captured),
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
    verbatim: false,
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
