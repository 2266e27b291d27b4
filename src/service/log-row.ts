import {columnsOf} from '../core/columns.ts';
import {withDigits} from '../core/json-digits.ts';
import {isSecretName, LEFT_OUT, redactText} from '../core/redact.ts';
import {isoMicros, type Micros, nowMicros, parseMicros} from '../core/time.ts';

/** The levels that logging.system_logs keeps, the least first. */
export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A row of logging.system_logs, cut to what its columns take. */
export type SystemLogRow = {
  readonly at: Micros;
  readonly service: string;
  readonly level: LogLevel;
  readonly eventType: string | null;
  readonly message: string;
  readonly correlationId: string | null;
  /** JSON. */
  readonly context: string | null;
};

/** The field by which a line carries the correlation id of the work that it was written in. */
export const WORK_ID = '$correlation';

/** Above so many characters a line's context is left out. */
const MOST_LINE = 262_144;
const MOST_MESSAGE = 8192;
const MOST_CONTEXT = 32_768;
const [SERVICE_WIDTH, NAME_WIDTH] = [50, 100];

/**
 * The row of a line of JSON as pino writes it. Secrets are redacted, and what a column does not take is changed or cut. Never
 * throws: what is no line of JSON becomes a row whose message is its beginning.
 */
export function logRow(line: string, service: string, now: () => Micros = nowMicros): SystemLogRow {
  const fields = parse(line);
  const {level, time, msg, service: own, correlation_id, correlationId, event_type, eventType, ...rest} = fields ?? {};
  const {[WORK_ID]: work, pid, hostname, ...context} = rest;
  const error = context.err as {readonly message?: unknown} | undefined;
  return {
    at: timeOf(time) ?? now(),
    service: textOf(own, SERVICE_WIDTH) ?? clean(service).slice(0, SERVICE_WIDTH),
    level: levelOf(level),
    eventType: textOf(event_type ?? eventType, NAME_WIDTH) ?? null,
    message: (fields ? textOf(msg ?? error?.message, MOST_MESSAGE) : textOf(line, MOST_MESSAGE)) ?? '',
    correlationId: textOf(correlation_id ?? correlationId ?? work, NAME_WIDTH) ?? null,
    context: line.length > MOST_LINE ? JSON.stringify({cut: line.length}) : contextOf(context),
  };
}

/** The parameters of service/system_logs. */
export const logColumns = (rows: readonly SystemLogRow[]): readonly unknown[] =>
  columnsOf(rows, [
    r => isoMicros(r.at),
    r => r.service,
    r => r.level,
    r => r.eventType,
    r => r.message,
    r => r.correlationId,
    r => r.context,
  ]);

type Fields = Readonly<Record<string, unknown>>;
type Reviver = (key: string, value: unknown, context: {readonly source?: string}) => unknown;

// Numbers keep their digits, whatever a float would make of them.
const revive: Reviver = (key, value, {source}) => {
  if (typeof value === 'string') return isSecretName(key) ? LEFT_OUT : redactText(clean(value));
  if (typeof value === 'number') {
    return isSecretName(key) ? LEFT_OUT : withDigits(value, source);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isSecretName(key)) return LEFT_OUT;
  const keys = Object.keys(value);
  if (Array.isArray(value) || keys.every(name => clean(name) === name)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [clean(name), inner]));
};

function parse(line: string): Fields | undefined {
  try {
    // A reviver costs too much on a huge line; its context is left out anyway.
    const value: unknown =
      line.length > MOST_LINE ? JSON.parse(line) : JSON.parse(line, revive as (key: string, value: unknown) => unknown);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** Text that PostgreSQL takes, in jsonb too: without NUL and half surrogates. */
const clean = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** A value as text of at most `most` characters; undefined where there is none. */
function textOf(value: unknown, most: number): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return redactText(clean(text.slice(0, most))).slice(0, most);
}

function levelOf(level: unknown): LogLevel {
  if (typeof level !== 'number') return 'INFO';
  return level < 30 ? 'DEBUG' : level < 40 ? 'INFO' : level < 50 ? 'WARNING' : level < 60 ? 'ERROR' : 'CRITICAL';
}

/** A time in ISO 8601, or in milliseconds as pino writes it by default. */
function timeOf(time: unknown): Micros | undefined {
  const at = typeof time === 'number' ? Math.round(time * 1000) : parseMicros(String(time));
  // What no timestamptz takes is no time of a log line.
  return at !== undefined && at > 0 && at < 4e15 ? at : undefined;
}

function contextOf(fields: Fields): string | null {
  if (Object.keys(fields).length === 0) return null;
  const whole = JSON.stringify(fields);
  if (whole.length <= MOST_CONTEXT) return whole;
  const kept: Record<string, unknown> = {cut: whole.length};
  let length = 0;
  for (const [name, value] of Object.entries(fields)) {
    length += name.length + (JSON.stringify(value)?.length ?? 0) + 4;
    if (length > MOST_CONTEXT) break;
    kept[name] = value;
  }
  return JSON.stringify(kept);
}
