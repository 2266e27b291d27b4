import type {z} from 'zod';
import {digits, instant, maybeNumber, number, rowSchema, text} from './columns.ts';
import {limitColumns} from './limit-columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/position_limits';

const row = rowSchema({
  ...limitColumns,
  /** position_quantity or position_value: that of its two limits of which more is used. */
  limit_type: text,
  /** The most shares or contracts, and the most money; undefined: no such limit. */
  max_quantity: digits,
  max_value: digits,
  /** What is held, in the limit's unit; undefined: not measured of late. */
  used: digits,
  /** Of the limit; 100: all of it. */
  percent: maybeNumber,
  /** What is left of the limit; negative: breached. */
  headroom: digits,
  /** It has been over a limit since; undefined: it is not. */
  breached_at: instant,
  /** Since the synchroniser measured it last. */
  evaluated_seconds: number,
});

/** A position limit, as the synchroniser measured it last. */
export type PositionLimitRow = z.output<typeof row>;

/** The position limits with what is held of each. */
export const positionLimitsPoller: Poller<{position_limits: PositionLimitRow}> = statementPoller({
  everyMs: 5000,
  samples: {
    position_limits: {sql: SQL, row},
  },
});
