import {type SafeText, sanitise} from './sanitise.ts';

/** A statement's text on one line, without its indentation. */
export const oneLine = (statement: string | null): SafeText => sanitise((statement ?? '').replace(/\s+/g, ' ').trim());

/** A statement of pg_stat_activity on one line: a long one comes as the hexadecimal digits of its first bytes. */
export const activityQuery = (query: string | null, hex: string | null): SafeText =>
  oneLine(query ?? (hex === null ? null : `${Buffer.from(hex, 'hex').toString('utf8')}…`));

/** A statement without the comments before it, which name who sent it. */
export const withoutComments = (statement: string): string => statement.replace(/^(?:\/\*.*?\*\/\s*)+/, '');
