import {z} from 'zod';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {digits, instant, key, maybeKey, maybeText, number, rowSchema, text} from '../monitor/columns.ts';

/** What was read of one table: its rows, or why they may not be read. */
export type Part<Row> =
  | {readonly rows: readonly Row[]; readonly denied?: never}
  | {readonly rows: readonly []; readonly denied: SafeText};

export const signalRow = rowSchema({
  id: key,
  strategy: key,
  symbol: key,
  signal: text,
  quantity: digits,
  order_id: maybeKey,
  generated_at: instant,
  expires_at: instant,
  correlation_id: maybeKey,
});
export const orderRow = rowSchema({
  order_id: key,
  account_id: key,
  symbol: key,
  side: text,
  quantity: digits,
  status: text,
  strategy: maybeKey,
  created_at: instant,
  updated_at: instant,
});
export const stepRow = rowSchema({
  order_id: key,
  step: number,
  status: text,
  occurred_at: instant,
  filled: digits,
  trade_id: maybeKey,
  reason: maybeText,
});
export const fillRow = rowSchema({
  trade_id: key,
  order_id: maybeKey,
  account_id: key,
  symbol: key,
  side: maybeText,
  quantity: digits,
  price: digits,
  strategy: maybeKey,
  executed_at: instant,
  created_at: instant,
  archived: z.boolean(),
});
export const entryRow = rowSchema({
  trade_id: key,
  account_id: key,
  symbol: key,
  strategy: key,
  date: text,
  source: text,
  applied_at: instant,
  total_value: digits,
  realized_pnl: digits,
  row_id: maybeText,
  published_at: instant,
  received_at: instant,
  arrival: maybeText,
  archived: z.boolean(),
});
export const asideRow = rowSchema({
  id: text,
  trade_id: key,
  /** It would be the trade itself; else it contradicts what is known of it. */
  whole: z.boolean(),
  reason: text,
  attempts: number,
  first_at: instant,
  resolved_at: instant,
  resolution: maybeText,
  resolved_by: maybeText,
  note: maybeText,
});
export const restatedRow = rowSchema({
  trade_id: key,
  restated_at: instant,
  reason: text,
  cause: key,
  old_value: digits,
  new_value: digits,
  old_pnl: digits,
  new_pnl: digits,
});
export const portfolioRow = rowSchema({
  account_id: key,
  symbol: key,
  total_trades: digits,
  total_value: digits,
  realized_pnl: digits,
});
export const metricsRow = rowSchema({
  strategy: key,
  date: text,
  total_trades: digits,
  total_value: digits,
  realized_pnl: digits,
});
export const workerRow = rowSchema({worker: text, mode: text, started_at: instant, heartbeat_at: instant});
export const gapRow = rowSchema({
  id: text,
  worker: text,
  reason: text,
  started_at: instant,
  ended_at: instant,
  filled_at: instant,
});
export const riskRow = rowSchema({
  id: text,
  at: instant,
  event_type: text,
  severity: text,
  account_id: maybeKey,
  symbol: maybeKey,
  strategy: maybeKey,
  message: text,
  correlation_id: maybeKey,
  acknowledged_at: instant,
  acknowledged_by: maybeText,
  resolved_at: instant,
});
export const toldRow = rowSchema({
  id: text,
  channel: text,
  event_type: text,
  severity: text,
  subject: text,
  status: text,
  attempts: number,
  error: maybeText,
  created_at: instant,
  sent_at: instant,
});
export const lineRow = rowSchema({
  id: text,
  at: instant,
  service: text,
  level: text,
  event_type: maybeText,
  message: text,
  correlation_id: maybeKey,
});
export const actRow = rowSchema({
  id: text,
  at: instant,
  user_id: text,
  operation: text,
  target: maybeKey,
  result: maybeText,
  reason: maybeText,
});
export const clockRow = rowSchema({now: instant});

export type SignalRow = z.output<typeof signalRow>;
export type OrderFacts = z.output<typeof orderRow>;
export type StepRow = z.output<typeof stepRow>;
export type FillRow = z.output<typeof fillRow>;
export type EntryRow = z.output<typeof entryRow>;
export type AsideRow = z.output<typeof asideRow>;

/** Everything that the tables have of an id and of what belongs to it. Times are the server's. */
export type TraceFacts = {
  readonly id: SafeText;
  readonly now: Micros;
  /** A trade of an order with too many steps: of the order's steps and fills only its own were read. */
  readonly alone: boolean;
  readonly signals: Part<SignalRow>;
  readonly orders: Part<OrderFacts>;
  readonly steps: Part<StepRow>;
  readonly fills: Part<FillRow>;
  readonly ledger: Part<EntryRow>;
  readonly quarantine: Part<z.output<typeof asideRow>>;
  readonly restated: Part<z.output<typeof restatedRow>>;
  readonly portfolio: Part<z.output<typeof portfolioRow>>;
  readonly metrics: Part<z.output<typeof metricsRow>>;
  readonly workers: Part<z.output<typeof workerRow>>;
  readonly gaps: Part<z.output<typeof gapRow>>;
  readonly risks: Part<z.output<typeof riskRow>>;
  readonly told: Part<z.output<typeof toldRow>>;
  readonly logs: Part<z.output<typeof lineRow>>;
  readonly audit: Part<z.output<typeof actRow>>;
};
