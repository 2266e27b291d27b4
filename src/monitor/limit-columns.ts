import {z} from 'zod';
import {digits, instant, key, maybeKey, maybeNumber, maybeText, number, text} from './columns.ts';

/** The columns of every limit, whatever it limits. */
export const limitColumns = {
  id: key,
  limit_type: text,
  account_id: maybeKey,
  strategy: maybeKey,
  symbol: maybeKey,
  limit_value: digits,
  /** From this part of the limit on it warns, 0 to 1. */
  warn_fraction: number,
  enabled: z.boolean(),
  updated_by: maybeText,
  updated_at: instant,
};

/** What is used of a limit. */
export const usedColumns = {
  /** What is used, in the limit's unit; undefined where rows cannot tell. */
  used: digits,
  /** Of the limit; 100: all of it. */
  percent: maybeNumber,
  /** What is left of the limit; negative: breached. */
  headroom: digits,
};
