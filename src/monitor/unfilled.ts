import type {Raw} from '../io/io.ts';
import {decode, instant, key, number, type RowOf, rowSchema} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';

const SQL = 'monitor/unfilled';

const row = rowSchema({
  order_id: key,
  symbol: key,
  updated_at: instant,
  /** Since the order's last change. */
  seconds: number,
});

/** An order that is filled and has no trade. */
export type UnfilledRow = RowOf<typeof unfilledRows>;

const unfilledRows = (raws: readonly Raw[]) => decode(row, raws, SQL);

/** The orders that were filled of late without a trade in execution.trades, the oldest first. */
export const unfilledPoller: Poller<{unfilled: UnfilledRow}> = {
  ids: ['unfilled'],
  everyMs: 5000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, 'monitor/row_security'],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({unfilled: unfilledRows(await visibleRows(trading, SQL, 'execution.orders'))}),
};
