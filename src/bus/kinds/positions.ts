import {decimalField, optional, textField, timeField} from '../column.ts';
import type {PositionEvent} from '../event.ts';
import {defineKind} from '../kind.ts';

/** A position changed: the row of execution.positions as it is now. Long only: a quantity is never negative. */
export const positionsKind = defineKind({
  kind: 'positions',
  channel: 'data_sync:positions',
  type: 'position_updated',
  service: 'execution',
  columns: {
    account_id: textField(50),
    symbol: textField(20),
    quantity: decimalField('not negative'),
    avg_price: decimalField('not negative'),
    market_value: optional(decimalField('any')),
    unrealized_pnl: optional(decimalField('any')),
    realized_pnl: optional(decimalField('any')),
    last_updated: optional(timeField()),
  },
  assemble: (row): PositionEvent => ({
    accountId: row.account_id,
    symbol: row.symbol,
    quantity: row.quantity,
    avgPrice: row.avg_price,
    marketValue: row.market_value,
    unrealizedPnl: row.unrealized_pnl,
    realizedPnl: row.realized_pnl,
    lastUpdated: row.last_updated,
  }),
  row: data => ({
    account_id: data.accountId,
    symbol: data.symbol,
    quantity: data.quantity,
    avg_price: data.avgPrice,
    market_value: data.marketValue,
    unrealized_pnl: data.unrealizedPnl,
    realized_pnl: data.realizedPnl,
    last_updated: data.lastUpdated,
  }),
  correlation: data => `${data.accountId}:${data.symbol}`,
});
