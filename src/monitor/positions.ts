import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, digits, instant, number, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {visibleRows} from './row-security.ts';
import type {PositionRow} from './rows.ts';

const SQL = 'monitor/positions';

const row = z.object({
  account_id: text,
  symbol: text,
  quantity: digits,
  avg_price: digits,
  mark: digits,
  mark_at: instant,
  market_value: digits,
  unrealized_pnl: digits,
  realized_pnl: digits,
  last_updated: instant,
  open_positions: number,
  sum_market_value: digits,
  sum_unrealized_pnl: digits,
  sum_realized_pnl: digits,
});

/** Rows as the pane shows them; all carry the same sums over every open position. */
export function positionRows(raws: readonly Raw[]): readonly PositionRow[] {
  const rows = decode(row, raws, SQL);
  const first = rows[0];
  if (!first) return [];
  const sums = {
    open: first.open_positions,
    marketValue: first.sum_market_value,
    unrealizedPnl: first.sum_unrealized_pnl,
    realizedPnl: first.sum_realized_pnl,
  };
  return rows.flatMap(({quantity, avg_price: avgPrice, ...r}) =>
    quantity === undefined || avgPrice === undefined
      ? []
      : [
          {
            accountId: r.account_id,
            symbol: r.symbol,
            quantity,
            avgPrice,
            mark: r.mark,
            markAt: r.mark === undefined ? undefined : r.mark_at,
            marketValue: r.market_value,
            unrealizedPnl: r.unrealized_pnl,
            realizedPnl: r.realized_pnl,
            lastUpdated: r.last_updated,
            sums,
          },
        ],
  );
}

/** The open positions, the largest first. */
export const positionsPoller: Poller<{positions: PositionRow}> = {
  ids: ['positions'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL, 'monitor/row_security'],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({positions: positionRows(await visibleRows(trading, SQL, 'execution.positions'))}),
};
