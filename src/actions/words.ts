import {age, ageAt} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';

/** `2d ago` for a time as PostgreSQL writes it; `never` for none. */
export function ago(time: string | null | undefined, now: Micros = nowMicros()): string {
  const at = time ? parseMicros(time) : undefined;
  return at === undefined ? 'never' : `${ageAt(at, now)} ago`;
}

/** A session by which people find it again: `pid 4121 (svc_analytics, tradetop sync) for 8s`. */
export function sessionWords(row: Raw): SafeText {
  const who = [row.username, row.application].filter(w => typeof w === 'string' && w !== '').join(', ');
  const since = typeof row.seconds === 'number' ? ` for ${age(row.seconds)}` : '';
  return sanitise(`pid ${row.pid}${who ? ` (${who})` : ''}${since}`);
}

/** A lock timeout in milliseconds as messages name it: `2 s`, `0.5 s`. */
export const lockLimit = (ms: number): string => `${ms / 1000} s`;

/** Why a statement failed by its lock timeout: `could not get the lock within 2 s: held by pid 4121 (analytics) for 8s`. */
export function lockTimeout(ms: number, holders: readonly SafeText[], attempts = 1): string {
  const tried = attempts > 1 ? ` in any of ${attempts} attempts` : '';
  return `could not get the lock within ${lockLimit(ms)}${tried}${holders.length > 0 ? `: held by ${holders.join('; ')}` : ''}`;
}
