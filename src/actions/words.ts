import {type SafeText, sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';

/** `412,000`. */
export const wholeCount = (n: number): string => Math.round(n).toLocaleString('en-US');

/** `3 tables`, `1 table`. */
export const plural = (n: number, noun: string): string => `${wholeCount(n)} ${noun}${n === 1 ? '' : 's'}`;

/** `1.2 GB`: powers of 1,024, as PostgreSQL's pg_size_pretty counts. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = n < 1 ? 0 : Math.min(Math.floor(Math.log2(n) / 10), units.length - 1);
  const value = n / 1024 ** power;
  return `${value >= 10 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `850 ms`, `3 s`, `2m10s`, `4h05m`, `3d`. */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const s = Math.floor(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`;
  return `${Math.floor(s / 86_400)}d`;
}

/** `2d ago` for a time as PostgreSQL writes it; `never` for none. */
export function ago(time: string | null | undefined, now: Micros = nowMicros()): string {
  const at = time ? parseMicros(time) : undefined;
  return at === undefined ? 'never' : `${span(Math.max(0, now - at) / 1e6)} ago`;
}

/** A session as people find it again: `pid 4121 (svc_analytics, tradetop sync) for 8 s`. */
export function sessionWords(row: Raw): SafeText {
  const who = [row.username, row.application].filter(w => typeof w === 'string' && w !== '').join(', ');
  const since = typeof row.seconds === 'number' ? ` for ${span(row.seconds)}` : '';
  return sanitise(`pid ${row.pid}${who ? ` (${who})` : ''}${since}`);
}
