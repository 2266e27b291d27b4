import {z} from 'zod';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros, parseMicros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import {decodeOne, instant, maybeText, rowSchema, text} from '../monitor/columns.ts';

const SQL = 'report/span';

/** What a report is asked to be about: a day (default: today), or the time up to now. */
export type SpanAsked = {readonly date?: string | undefined; readonly since?: string | undefined};

const row = rowSchema({
  time_zone: text,
  day: maybeText,
  from_at: instant,
  to_at: instant,
  over: z.boolean(),
  at: instant,
});

/** A span of time in the database's clock. */
export type ReportSpan = {
  readonly kind: 'day' | 'shift';
  readonly day: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly over: boolean;
  /** The present moment. */
  readonly at: string;
};

const WORDS: Readonly<Record<string, number>> = {today: 0, yesterday: 1};
const UNITS: Readonly<Record<string, number>> = {s: 1, m: 60, h: 3600, d: 86_400};
const LONGEST_DAYS = 31;

/** The span that is asked for. Throws a UserError where it is none, and the driver's error. */
export async function readSpan(io: Pick<Io, 'query'>, asked: SpanAsked): Promise<ReportSpan> {
  const found = decodeOne(row, await io.query(SQL, spanParams(asked)), SQL);
  const {timeZone, day, over} = found;
  const [from, to, at] = [isoAt(found.fromAt), isoAt(found.toAt), isoAt(found.at)];
  return {kind: day === undefined ? 'shift' : 'day', day, from, to, timeZone, over, at};
}

function isoAt(at: Micros | undefined): string {
  if (at === undefined) throw new UserError('The span has no end.', 'Give --date as 2026-11-26.');
  return isoMicros(at);
}

/** The parameters of report/span. Throws a UserError where they are wrong. @internal */
export function spanParams({date, since}: SpanAsked): readonly unknown[] {
  if (since !== undefined) return [null, null, secondsOf(since)];
  const word = (date ?? 'today').trim().toLowerCase();
  const back = WORDS[word];
  if (back !== undefined) return [null, back, null];
  if (/^\d{4}-\d\d-\d\d$/.test(word) && parseMicros(word) !== undefined) return [word, null, null];
  throw new UserError(`${sanitise(date ?? '', 40)} is no day.`, 'Give --date as 2026-11-26, today or yesterday.');
}

function secondsOf(since: string): number {
  const [, digits, unit = ''] = /^\s*(\d{1,6})\s*([smhd])\s*$/i.exec(since) ?? [];
  const seconds = Number(digits) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (seconds > 0 && seconds <= LONGEST_DAYS * 86_400) return seconds;
  throw new UserError(
    `${sanitise(since, 40)} is no span.`,
    `Give --since as 30m, 8h or 2d; at most ${LONGEST_DAYS} days.`,
  );
}
