import type {Digits} from '../core/decimal.ts';

/**
 * Money, a price or a quantity in ten-thousandths, as DECIMAL(15,4) holds it: exact, and fast enough for the
 * benchmarks.
 */
export type Fixed = bigint;

const SCALE = 10_000n;

/** Reads digits with at most four decimals, as PostgreSQL sends a DECIMAL(15,4). */
export function parseFixed(text: Digits): Fixed {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole) * SCALE + BigInt(fraction.slice(0, 4).padEnd(4, '0'));
  return text.startsWith('-') ? -value : value;
}

/** Writes a whole number of ten-thousandths, bigint or number, with four decimals. */
export function digitsOf(value: Fixed | number): Digits {
  const text = (value < 0 ? -value : value).toString().padStart(5, '0');
  return `${value < 0 ? '-' : ''}${text.slice(0, -4)}.${text.slice(-4)}`;
}

/** Divides and rounds half away from zero, as PostgreSQL rounds a numeric. */
export function divide(dividend: bigint, divisor: bigint): bigint {
  const [n, d] = [dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor];
  const rounded = (2n * n + d) / (2n * d);
  return dividend < 0n === divisor < 0n ? rounded : -rounded;
}

/** The product, rounded to four decimals. */
export const times = (a: Fixed, b: Fixed): Fixed => divide(a * b, SCALE);

/** Whole units as a Fixed. */
export const wholeUnits = (units: number): Fixed => BigInt(units) * SCALE;

export const toNumber = (value: Fixed): number => Number(value) / 10_000;
