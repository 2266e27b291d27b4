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

/** ISO 8601 in UTC with microseconds and `Z`: `2026-11-22T09:00:00.123456Z`. */
export function isoMicros(at: Micros): string {
  const ms = Math.floor(at / 1000);
  return `${new Date(ms).toISOString().slice(0, 23)}${String(at - ms * 1000).padStart(3, '0')}Z`;
}

/** A time as PostgreSQL or an event writes it, in the form of `isoMicros`; undefined for anything else. */
export function isoOf(text: unknown): string | undefined {
  const at = typeof text === 'string' ? parseMicros(text) : undefined;
  return at === undefined ? undefined : isoMicros(at);
}

/** The time of day in UTC: `12:04:31`, or with `digits` of the fraction `12:04:31.204`. */
export function clock(at: Micros, digits: 0 | 3 | 6 = 0): string {
  const iso = isoMicros(at);
  return digits === 0 ? iso.slice(11, 19) : iso.slice(11, 20 + digits);
}
