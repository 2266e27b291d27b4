import {Decimal as DecimalJs} from 'decimal.js';

/**
 * Decimal arithmetic with 60 digits, enough for products of two DECIMAL(15,4) summed over any desk. Rounds half away
 * from zero, as PostgreSQL's numeric does.
 */
export const Decimal = DecimalJs.clone({precision: 60, rounding: DecimalJs.ROUND_HALF_UP, toExpNeg: -60, toExpPos: 60});
export type Decimal = DecimalJs;

/**
 * The digits of a decimal as they were written (JSON number, JSON string, numeric::text). They never pass through a
 * float.
 */
export type Digits = string;

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/**
 * Digits in plain notation (`1E-7` → `0.0000001`, `+1.50` → `1.50`: trailing zeros stay). Undefined when the text is
 * not a finite decimal number (`NaN`, `Infinity`, words) or is longer than 80 characters.
 */
export function parseDigits(text: string): Digits | undefined {
  const t = text.trim();
  if (t.length > 80 || !PLAIN.test(t)) return undefined;
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(t)) return t;
  const value = new Decimal(t);
  if (!value.isFinite() || value.e > 40 || value.e < -40) return undefined;
  if (/[eE]/.test(t)) return value.toFixed();
  const fraction = t.includes('.') ? t.length - t.indexOf('.') - 1 : 0;
  return value.toFixed(fraction);
}

/** A decimal from digits. Throws on anything that `parseDigits` rejects: callers decode first. */
export const dec = (digits: Digits | number | bigint): Decimal =>
  new Decimal(typeof digits === 'bigint' ? digits.toString() : digits);

/** Rounds half away from zero to the four decimals of DECIMAL(15,4). */
export const to4 = (value: Decimal): Digits => value.toFixed(4, DecimalJs.ROUND_HALF_UP);
