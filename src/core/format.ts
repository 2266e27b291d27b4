import {Decimal, type Digits} from './decimal.ts';
import type {Micros} from './time.ts';

/** Shown for a value that is not known; never for zero. */
export const NA = 'n/a';

/** A typographic minus is as wide as a plus; `ascii` screens replace it. */
const MINUS = '−';

/** Groups the whole part by thousands: `-1234567.50` → `−1,234,567.50`. Keeps every digit. */
export function grouped(digits: Digits): string {
  const negative = digits.startsWith('-');
  const plain = negative ? digits.slice(1) : digits;
  const dot = plain.indexOf('.');
  const whole = dot < 0 ? plain : plain.slice(0, dot);
  const rest = dot < 0 ? '' : plain.slice(dot);
  const text = whole.length > 3 ? whole.replace(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  return negative ? MINUS + text + rest : text + rest;
}

/**
 * Digits with exactly `decimals` decimals, rounded half away from zero as PostgreSQL's numeric is; `-0.00` loses its sign.
 * @internal
 */
export function fixed(digits: Digits, decimals: number): Digits {
  const dot = digits.indexOf('.');
  const has = dot < 0 ? 0 : digits.length - dot - 1;
  const text =
    has <= decimals
      ? decimals === 0 || has === decimals
        ? digits
        : `${digits}${dot < 0 ? '.' : ''}${'0'.repeat(decimals - has)}`
      : new Decimal(digits).toFixed(decimals, Decimal.ROUND_HALF_UP);
  return text.startsWith('-') && !/[1-9]/.test(text) ? text.slice(1) : text;
}

const isZero = (digits: Digits): boolean => !/[1-9]/.test(digits);

/** The same as `fixed`, but what is not zero keeps three significant digits where `decimals` would make it zero. */
function rounded(digits: Digits, decimals: number): string {
  const text = fixed(digits, decimals);
  if (!isZero(text) || isZero(digits)) return text;
  const tiny = new Decimal(digits).toSignificantDigits(3, Decimal.ROUND_HALF_UP);
  return tiny.e < -LONGEST_FRACTION ? tiny.toExponential() : tiny.toFixed();
}

// Smaller numbers are written with an exponent.
const LONGEST_FRACTION = 8;

/** Money or a price: `187.1` → `187.1000` with four decimals; `2.31e-10` stays that; unknown is `n/a`. */
export const money = (digits: Digits | undefined, decimals = 2): string =>
  digits === undefined ? NA : grouped(rounded(digits, decimals));

/** A profit or loss, with its sign unless it is zero. */
export function signed(digits: Digits | undefined, decimals = 2): string {
  if (digits === undefined) return NA;
  const text = grouped(rounded(digits, decimals));
  return text.startsWith(MINUS) || !/[1-9]/.test(text) ? text : `+${text}`;
}

/** The number of decimals without trailing zeros. */
export function decimalsOf(digits: Digits): number {
  const dot = digits.indexOf('.');
  if (dot < 0) return 0;
  let end = digits.length;
  while (end > dot + 1 && digits[end - 1] === '0') end--;
  return end - dot - 1;
}

/** A whole number: `18204` → `18,204`. */
export const count = (n: number | undefined): string =>
  n === undefined || !Number.isFinite(n) ? NA : grouped(String(Math.round(n)));

/** A count with its noun: `1 session`, `6 sessions`, `1,204 sessions`. `many`: the plural; default: `one` and an s. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** A large number in four or five characters: `412,000`, `9.1 M`, `1.2 G`. */
export function compact(n: number | undefined): string {
  if (n === undefined || !Number.isFinite(n)) return NA;
  if (Math.abs(n) < 1e6) return count(n);
  return Math.abs(n) < 1e9 ? `${(n / 1e6).toFixed(1)} M` : `${(n / 1e9).toFixed(1)} G`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in units of 1,024, named as PostgreSQL names them: `1.4 GB`. */
export function bytes(n: number | undefined): string {
  if (n === undefined || !Number.isFinite(n)) return NA;
  let value = n;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || Math.abs(value) >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A rate or percentage with `decimals` decimals; one that is nearly zero is `<0.1`. */
export function decimal(n: number | undefined, decimals = 1): string {
  if (n === undefined || !Number.isFinite(n)) return NA;
  const text = fixed(n.toFixed(decimals), decimals);
  return n > 0 && isZero(text) ? `<${(10 ** -decimals).toFixed(decimals)}` : grouped(text);
}

/** The same without a `.0` at its end: `2.5`, `12`. */
export const shortDecimal = (n: number | undefined, decimals = 1): string => decimal(n, decimals).replace(/\.0$/, '');

export const percent = (n: number | undefined, decimals = 1): string =>
  n === undefined || !Number.isFinite(n) ? NA : `${decimal(n, decimals)}%`;

/** A duration from milliseconds: `<0.1 ms`, `0.4 ms`, `12.1 ms`, `340 ms`, `1.84 s`, `41.0 s`, then as an age. */
export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return NA;
  if (ms > 0 && ms < 0.05) return '<0.1 ms';
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return age(ms / 1000);
}

/**
 * An age or a span from seconds: `3s`, `2m10s`, `4h`, `4h5m`, `3d`. The form of every age, in panes, dialogs, alerts and
 * reports. A clock that runs ahead makes no negative age.
 */
export function age(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return NA;
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return two(Math.floor(s / 60), 'm', s % 60, 's');
  if (s < 86_400) return two(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'm');
  return s < 10 * 86_400
    ? two(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3600), 'h')
    : `${Math.floor(s / 86_400)}d`;
}

/** The age of an instant at another. */
export const ageAt = (at: Micros | undefined, now: Micros): string =>
  at === undefined ? NA : age((now - at) / 1_000_000);

const two = (a: number, unitA: string, b: number, unitB: string): string =>
  b === 0 ? `${a}${unitA}` : `${a}${unitA}${b}${unitB}`;

const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII_BLOCKS = '_.-=+*%#';

/**
 * One character a value, the newest at the right, at most `width` of them; the largest one shown is the top of the
 * scale. An unknown value leaves a space.
 */
export function sparkline(values: readonly (number | undefined)[], width: number, ascii = false): string {
  const shown = width <= 0 ? [] : values.slice(-width);
  const top = Math.max(0, ...shown.map(v => v ?? 0));
  const blocks = ascii ? ASCII_BLOCKS : BLOCKS;
  const step = (v: number) => (top === 0 ? 0 : Math.min(7, Math.max(0, Math.round((v / top) * 7))));
  return shown.map(v => (v === undefined ? ' ' : blocks[step(v)])).join('');
}
