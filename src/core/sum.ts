import type {Digits} from './decimal.ts';

/** The exact sum of the known values, with the most decimals that one of them has; undefined when none is known. */
export function sumDigits(values: readonly (Digits | undefined)[]): Digits | undefined {
  let places = 0;
  let known = 0;
  for (const value of values) {
    if (value === undefined) continue;
    known++;
    const dot = value.indexOf('.');
    if (dot >= 0) places = Math.max(places, value.length - dot - 1);
  }
  if (known === 0) return undefined;
  let total = 0n;
  for (const value of values) if (value !== undefined) total += scaled(value, places);
  const text = (total < 0n ? -total : total).toString().padStart(places + 1, '0');
  const sign = total < 0n ? '-' : '';
  return places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
}

function scaled(value: Digits, places: number): bigint {
  const dot = value.indexOf('.');
  const has = dot < 0 ? 0 : value.length - dot - 1;
  return BigInt((dot < 0 ? value : value.slice(0, dot) + value.slice(dot + 1)) + '0'.repeat(places - has));
}
