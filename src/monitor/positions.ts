import type {Raw} from '../io/io.ts';
import {decode, digits, instant, key, type RowOf, rowSchema} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';

const SQL = 'monitor/positions';

const row = rowSchema({
  account_id: key,
  symbol: key,
  quantity: digits,
  avg_price: digits,
  /** The last price: the newest bar's close, else the price behind market_value; undefined when neither is known. */
  mark: digits,
  mark_at: instant,
  market_value: digits,
  unrealized_pnl: digits,
  realized_pnl: digits,
  last_updated: instant,
});

/** An open position. Quantities and money keep their digits. */
export type PositionRow = RowOf<typeof positionRows>;

/** Leaves out a position whose quantity or average price is not a number (NaN, infinity). @internal */
export const positionRows = (raws: readonly Raw[]) =>
  decode(row, raws, SQL).flatMap(({quantity, avgPrice, markAt, ...rest}) =>
    quantity === undefined || avgPrice === undefined
      ? []
      : [{...rest, quantity, avgPrice, markAt: rest.mark === undefined ? undefined : markAt}],
  );

/** The open positions, the largest first. */
export const positionsPoller: Poller<{positions: PositionRow}> = {
  ids: ['positions'],
  everyMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, 'monitor/row_security'],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({positions: positionRows(await visibleRows(trading, SQL, 'execution.positions'))}),
};
