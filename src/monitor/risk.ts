import {z} from 'zod';
import type {Io, Raw} from '../io/io.ts';
import {decode, digits, instant, key, maybeKey, maybeNumber, maybeText, rowSchema, text} from './columns.ts';
import {limitColumns, usedColumns} from './limit-columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {createSlopes, type Slope} from './risk-slope.ts';
import {refuseHidden} from './row-security.ts';

const LIMITS = 'monitor/risk_limits';
const DAY_LOSS = 'monitor/risk_day_loss';
const EVENTS = 'monitor/risk_events';

const limit = rowSchema({
  ...limitColumns,
  /** Its used value is a sum over the day's trades, which is read less often. */
  by_day: z.boolean(),
  ...usedColumns,
  /** What uses most of it: the account and symbol of a position, or an order's id. */
  of: maybeKey,
});
const dayLoss = rowSchema({id: key, ...usedColumns});
const event = rowSchema({
  id: key,
  limit_id: maybeKey,
  event_type: text,
  severity: text,
  account_id: maybeKey,
  strategy: maybeKey,
  symbol: maybeKey,
  observed_value: digits,
  limit_value: digits,
  message: text,
  correlation_id: maybeKey,
  occurred_at: instant,
  acknowledged_at: instant,
  acknowledged_by: maybeText,
  /** Since it occurred, by the server's clock. */
  age_seconds: maybeNumber,
});

/** A risk limit, what is used of it, and how fast that grows. */
export type RiskLimitRow = Omit<z.output<typeof limit>, 'byDay'> & Slope;

/** A risk event that is not settled. */
export type RiskEventRow = z.output<typeof event>;

const DAY_LOSS_MS = 30_000;

/** Whether what is used of the limit lasts: the value of an open order and the orders of a minute come and go. */
const lasts = ({limitType}: {readonly limitType: string}): boolean =>
  limitType !== 'max_order_value' && limitType !== 'max_orders_per_minute';

/** The risk limits with what is used of them, and the risk events that are not settled. */
export const riskPoller: Poller<{risk_limits: RiskLimitRow; risk_events: RiskEventRow}> = {
  ids: ['risk_limits', 'risk_events'],
  everyMs: 5000,
  timeoutMs: TIMEOUT_MS,
  sql: [LIMITS, DAY_LOSS, EVENTS, 'monitor/row_security'],
  deltas: false,
  reader: () => {
    const slopes = createSlopes();
    let day: {readonly at: number; readonly rows: readonly Raw[]} | undefined;
    return async ({trading}, _, clock) => {
      const limits = decode(limit, await trading.query(LIMITS), LIMITS);
      await refuseZeros(trading, limits);
      if (!limits.some(row => row.byDay && row.enabled)) day = undefined;
      else if (day === undefined || clock.ticks() - day.at >= DAY_LOSS_MS) {
        day = {at: clock.ticks(), rows: await trading.query(DAY_LOSS)};
      }
      const losses = new Map(decode(dayLoss, day?.rows ?? [], DAY_LOSS).map(row => [row.id, row]));
      const known = limits.map(({byDay, ...row}) => (byDay ? {...row, ...losses.get(row.id)} : row));
      const events = decode(event, await trading.query(EVENTS), EVENTS);
      return {risk_limits: slopes.after(known, clock.ticks(), lasts), risk_events: events};
    };
  },
};

/** Positions and orders that row-level security hides would count as none. */
async function refuseZeros(io: Io, limits: readonly z.output<typeof limit>[]): Promise<void> {
  const some = limits.some(row => /[1-9]/.test(row.used ?? ''));
  if (some || limits.every(row => row.used === undefined)) return;
  await refuseHidden(io, 'execution.positions');
  await refuseHidden(io, 'execution.orders');
}
