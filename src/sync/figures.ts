import {Decimal, dec} from '../core/decimal.ts';

/** Rounds half away from zero, as PostgreSQL does. */
export const rounded = (value: string | Decimal, places: number): string =>
  new Decimal(value).toDecimalPlaces(places, Decimal.ROUND_HALF_UP).toFixed();

/** Whether two figures are equal, with any number of zeros at the end; undefined is only equal to undefined. */
export function isSame(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && (withoutZeros(a) === withoutZeros(b) || dec(a).eq(dec(b)));
}

/** Whether two figures are equal once execution.trades has stored them, with four decimals. */
export const isSameAt4 = (a: string, b: string): boolean =>
  withoutZeros(a) === withoutZeros(b) || rounded(a, 4) === rounded(b, 4);

/** Without the zeros that end a fraction: what PostgreSQL stored as 10.0000 was 10. */
function withoutZeros(digits: string): string {
  if (!digits.includes('.')) return digits;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, digits.charCodeAt(end - 1) === 46 ? end - 1 : end);
}
