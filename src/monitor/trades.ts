import {z} from 'zod';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import type {Micros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {decode, digits, instant, key, maybeKey, rowSchema} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';

const SQL = 'monitor/trades';

const row = rowSchema({
  trade_id: key,
  order_id: maybeKey,
  account_id: key,
  symbol: key,
  side: z
    .enum(['buy', 'sell'])
    .nullable()
    .transform(side => side ?? undefined),
  quantity: digits,
  price: digits,
  commission: digits,
  executed_at: instant,
  strategy: maybeKey,
  trade_type: maybeKey,
});

/** One execution on the tape, from the bus or from execution.trades. Quantities and money keep their digits. */
export type TradeRow = Omit<TradeEvent, 'executedAt' | 'totalValue' | 'winRate'> & {
  readonly executedAt: Micros;
  /** When the console received it. */
  readonly receivedAt: Micros;
  /** From the event's time to its receipt, in milliseconds; undefined for a row of the table. */
  readonly lagMs: number | undefined;
  /** `table`: read at the start, or recovered because it did not arrive on the bus. */
  readonly from: 'bus' | 'table';
};

/** Leaves out a trade whose quantity, price or time is not a number (NaN, infinity). @internal */
export const tradeRows = (raws: readonly Raw[], receivedAt: Micros): readonly TradeRow[] =>
  decode(row, raws, SQL).flatMap(({quantity, price, executedAt, ...rest}) =>
    quantity === undefined || price === undefined || executedAt === undefined
      ? []
      : // The table has no column for the realised P&L.
        [{...rest, quantity, price, executedAt, realizedPnl: undefined, receivedAt, lagMs: undefined, from: 'table'}],
  );

/**
 * The last executions of the table: they fill the tape at the start and show which trades did not arrive on the bus.
 */
export const tradesPoller: Poller<{trades: TradeRow}> = {
  ids: ['trades'],
  everyMs: 4000,
  unseenMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, 'monitor/row_security'],
  deltas: false,
  reader:
    () =>
    async ({trading}, _, clock) => ({
      trades: tradeRows(await visibleRows(trading, SQL, 'execution.trades'), clock.now()),
    }),
};
