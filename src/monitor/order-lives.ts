import type {Raw} from '../io/io.ts';
import {decode, instant, key, maybeKey, maybeNumber, maybeText, type RowOf, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/order_lives';

const row = rowSchema({
  order_id: key,
  status: text,
  occurred_at: instant,
  /** Milliseconds since the step before; undefined: the first one, or not known. */
  latency_ms: maybeNumber,
  /** The fill, where it is one. */
  trade_id: maybeKey,
  reason: maybeText,
});

type Step = Omit<RowOf<typeof stepRows>, 'orderId'>;

/** The last steps of an order's life, as execution.execution_logs has them, oldest first. */
export type OrderLifeRow = {readonly orderId: string; readonly steps: readonly Step[]};

const stepRows = (raws: readonly Raw[]) => decode(row, raws, SQL);

/** One row an order; the statement gives one a step, in order. */
function lifeRows(raws: readonly Raw[]): readonly OrderLifeRow[] {
  const lives = new Map<string, Step[]>();
  for (const {orderId, ...step} of stepRows(raws)) {
    const steps = lives.get(orderId);
    if (steps === undefined) lives.set(orderId, [step]);
    else steps.push(step);
  }
  return [...lives].map(([orderId, steps]) => ({orderId, steps}));
}

/** The lives of the open orders and of the last ones. */
export const orderLivesPoller: Poller<{order_lives: OrderLifeRow}> = statementPoller({
  everyMs: 5000,
  samples: {
    order_lives: {sql: SQL, rows: lifeRows},
  },
});
