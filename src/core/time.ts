/** Microseconds since 1970-01-01T00:00:00Z; a double holds them exactly until the year 2255. */
export type Micros = number;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;

/** The present time in microseconds, by the machine's clock, which JavaScript reads in milliseconds. */
export const nowMicros = (): Micros => Date.now() * 1000;

/**
 * Reads an ISO 8601 time to the microsecond. A time without a zone is UTC, as Python's `datetime.utcnow().isoformat()`
 * writes it. Accepts PostgreSQL's text form as well (`2026-11-22 09:00:00.1+00`). Rounds to the microsecond, as
 * PostgreSQL does. Undefined for anything that is not a real instant.
 */
export function parseMicros(text: string): Micros | undefined {
  const m = ISO.exec(text.trim());
  if (!m) return undefined;
  const [, y, mo, d, h = '0', mi = '0', s = '0', frac = '', zone = 'Z'] = m;
  const [year, month, day, hour, minute, second] = [y, mo, d, h, mi, s].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = new Date(0);
  // Date.UTC takes the year 1 for 1901.
  days.setUTCFullYear(year, month - 1, day);
  if (year === 0 || days.getUTCMonth() !== month - 1 || days.getUTCDate() !== day) return undefined;
  const micros = microsOfFraction(frac);
  if (hour > 24 || minute > 59 || second > 60 || (hour === 24 && minute + second + micros > 0)) return undefined;
  let offset = 0;
  if (zone !== 'Z' && zone !== 'z') {
    const digits = zone.slice(1).replaceAll(':', '');
    offset = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4) || 0) * 60 + Number(digits.slice(4, 6) || 0);
    if (zone.startsWith('-')) offset = -offset;
  }
  const seconds = days.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  return seconds * 1_000_000 + micros;
}

/**
 * The microseconds of a fraction of a second, given its digits: rounded as PostgreSQL does, by the same arithmetic of
 * doubles, to the nearest, a half to the even one. 1,000,000 where it rounds up to the next second.
 */
export function microsOfFraction(digits: string): number {
  const exact = Number(`0.${digits}`) * 1_000_000;
  const below = Math.floor(exact);
  const rest = exact - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/**
 * ISO 8601 in UTC with microseconds and `Z`: `2026-11-22T09:00:00.123456Z`. Years beyond four digits and before the year 0 have
 * six and a sign, as ISO 8601 has them. What is no instant is written as PostgreSQL does: `infinity`, `-infinity`.
 */
export function isoMicros(at: Micros): string {
  if (Number.isNaN(at)) return '';
  if (Math.abs(at) > MOST) return at > 0 ? 'infinity' : '-infinity';
  const ms = Math.floor(at / 1000);
  // JavaScript's calendar ends in the year 275760: the calendar of 400 years is the same over and over.
  const cycles = Math.abs(ms) > LAST_MS ? Math.trunc(ms / CYCLE_MS) : 0;
  const iso = new Date(ms - cycles * CYCLE_MS).toISOString();
  const micros = String(Math.min(999, Math.floor(at - ms * 1000))).padStart(3, '0');
  const [, year = '', rest = ''] = /^([+-]?\d+)(-.*)Z$/.exec(iso) ?? [];
  return `${cycles === 0 ? year : signedYear(Number(year) + cycles * 400)}${rest}${micros}Z`;
}

/** Beyond any time of PostgreSQL's. */
const MOST: Micros = 1e19;
const LAST_MS = 8.64e15;
const CYCLE_MS = 146_097 * 86_400_000;

const signedYear = (year: number): string => `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;

/** A time as PostgreSQL or an event writes it, in the form of `isoMicros`; undefined for anything else. */
export function isoOf(text: unknown): string | undefined {
  const at = typeof text === 'string' ? parseMicros(text) : undefined;
  return at === undefined ? undefined : isoMicros(at);
}

/** The time of day in UTC: `12:04:31`, or with `digits` of the fraction `12:04:31.204`. */
export function clock(at: Micros, digits: 0 | 3 | 6 = 0): string {
  const [, time = ''] = isoMicros(at).split('T');
  return digits === 0 ? time.slice(0, 8) : time.slice(0, 9 + digits);
}
