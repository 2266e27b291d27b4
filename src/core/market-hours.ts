import type {Micros} from './time.ts';

/** A session in minutes from its day's midnight; one that ends after midnight ends above 1,440. */
type Session = {readonly from: number; readonly to: number};

/** When the market is open: by day of the week, Sunday first, and on the days that differ. */
export type MarketHours = {
  readonly week: readonly (readonly Session[])[];
  /** By their dates, `2026-12-25`. */
  readonly days: ReadonlyMap<string, readonly Session[]>;
  readonly local: Intl.DateTimeFormat;
};

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const KEYS = ['timezone', 'sessions', 'holidays', 'special'];
const MINUTES = 1440;

/**
 * Reads the setting `market.sessions`: `{"timezone": "America/New_York", "sessions": {"mon-fri": "09:30-16:00"}, "holidays":
 * ["2026-12-25"], "special": {"2026-11-27": "09:30-13:00"}}`. A day may have several sessions, with commas between them; one
 * that ends before it begins ends on the next day. Gives a sentence where it is wrong.
 */
export function parseMarketHours(value: unknown): MarketHours | string {
  if (!isRecord(value)) return 'it must be an object';
  const unknown = Object.keys(value).find(key => !KEYS.includes(key));
  if (unknown !== undefined) return `it has no key ${JSON.stringify(unknown)}; it has ${KEYS.join(', ')}`;
  const {timezone, sessions = {}, holidays = [], special = {}} = value;
  const local = localTime(timezone);
  if (local === undefined) return `timezone must be a name such as "America/New_York"`;
  if (!isRecord(sessions) || !isRecord(special)) return 'sessions and special must be objects of texts';
  if (!Array.isArray(holidays)) return 'holidays must be a list of dates';
  const week: (readonly Session[])[] = DAYS.map(() => []);
  for (const [name, text] of Object.entries(sessions)) {
    const [days, parsed] = [daysOf(name), sessionsOf(text)];
    if (days === undefined) return `${JSON.stringify(name)} is no day: write mon, mon-fri or daily`;
    if (parsed === undefined) return wrongSession(text);
    for (const day of days) week[day] = parsed;
  }
  const days = new Map<string, readonly Session[]>();
  for (const [date, text] of [...holidays.map(date => [date, '']), ...Object.entries(special)]) {
    const parsed = text === '' ? [] : sessionsOf(text);
    if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date)) return `${JSON.stringify(date)} is no date`;
    if (parsed === undefined) return wrongSession(text);
    days.set(date, parsed);
  }
  return {week, days, local};
}

/** Since when the market is open without a break, at most eight days back; undefined: it is closed. */
export function openSince(hours: MarketHours, at: Micros): Micros | undefined {
  let since: Micros | undefined;
  for (let i = 0, time = at; i < 16; i++) {
    const start = sessionStart(hours, time);
    if (start === undefined) break;
    since = start;
    time = start - 1_000_000;
  }
  return since;
}

/** When the session began that the market is in. */
function sessionStart({week, days, local}: MarketHours, at: Micros): Micros | undefined {
  const parts = new Map(local.formatToParts(new Date(at / 1000)).map(({type, value}) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  const midnight = Date.UTC(part('year'), part('month') - 1, part('day'));
  const now = part('hour') * 60 + part('minute') + part('second') / 60;
  // A session of yesterday may go on.
  const starts = [0, 1].flatMap(back => {
    const day = new Date(midnight - back * MINUTES * 60_000);
    const sessions = days.get(day.toISOString().slice(0, 10)) ?? week[day.getUTCDay()] ?? [];
    const minute = now + back * MINUTES;
    return sessions.filter(({from, to}) => minute >= from && minute < to).map(({from}) => minute - from);
  });
  return starts.length === 0 ? undefined : at - Math.round(Math.max(...starts) * 60_000_000);
}

function daysOf(name: string): readonly number[] | undefined {
  if (name === 'daily') return [0, 1, 2, 3, 4, 5, 6];
  const [from, to, ...more] = name.split('-').map(day => DAYS.indexOf(day.trim().toLowerCase()));
  if (from === undefined || from < 0 || (to !== undefined && to < 0) || more.length > 0) return undefined;
  return Array.from({length: (((to ?? from) - from + 7) % 7) + 1}, (_, i) => (from + i) % 7);
}

function sessionsOf(text: unknown): readonly Session[] | undefined {
  if (typeof text !== 'string') return undefined;
  const sessions = text.split(',').map(part => {
    const match = /^\s*(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)\s*$/.exec(part);
    if (match === null) return undefined;
    const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [number, number, number, number];
    const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
    const right = fromMinute < 60 && toMinute < 60 && from < MINUTES && to <= MINUTES;
    return right ? {from, to: to <= from ? to + MINUTES : to} : undefined;
  });
  return sessions.every(session => session !== undefined) ? sessions : undefined;
}

const wrongSession = (text: unknown): string => `${JSON.stringify(text)} is no session: write "09:30-16:00"`;

function localTime(timezone: unknown): Intl.DateTimeFormat | undefined {
  if (typeof timezone !== 'string') return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
