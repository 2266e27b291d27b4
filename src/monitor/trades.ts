import {z} from 'zod';
import type {Micros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import {decode, digits, instant, maybeText, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';
import type {TradeRow} from './rows.ts';

const SQL = 'monitor/trades';

const row = z.object({
  trade_id: text,
  order_id: maybeText,
  account_id: text,
  symbol: text,
  side: z
    .enum(['buy', 'sell'])
    .nullable()
    .transform(side => side ?? undefined),
  quantity: digits,
  price: digits,
  commission: digits,
  executed_at: instant,
  strategy: maybeText,
  trade_type: maybeText,
});

/** Rows as the tape shows them. A trade whose quantity, price or time is no number (NaN, infinity) is not one. */
export const tradeRows = (raws: readonly Raw[], receivedAt: Micros): readonly TradeRow[] =>
  decode(row, raws, SQL).flatMap(({quantity, price, executed_at: executedAt, ...r}) =>
    quantity === undefined || price === undefined || executedAt === undefined
      ? []
      : [
          {
            tradeId: r.trade_id,
            orderId: r.order_id,
            accountId: r.account_id,
            symbol: r.symbol,
            side: r.side,
            quantity,
            price,
            commission: r.commission,
            strategy: r.strategy,
            tradeType: r.trade_type,
            // The table has no such column.
            realizedPnl: undefined,
            executedAt,
            receivedAt,
            lagMs: undefined,
            from: 'table',
          },
        ],
  );

/** The last executions of the table: what the tape starts with, and what shows that the bus left something out. */
export const tradesPoller: Poller<{trades: TradeRow}> = {
  ids: ['trades'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, 'monitor/row_security'],
  deltas: false,
  reader:
    () =>
    async ({trading}, _, clock) => ({
      trades: tradeRows(await visibleRows(trading, SQL, 'execution.trades'), clock.now()),
    }),
};
