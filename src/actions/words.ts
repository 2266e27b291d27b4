import {age, ageAt} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../core/types.ts';

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
