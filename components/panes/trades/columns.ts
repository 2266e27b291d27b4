import {type Digits, dec, to4} from '../../../src/core/decimal.ts';
import {duration} from '../../../src/core/format.ts';
import {clock, isoMicros} from '../../../src/core/time.ts';
import type {TradeRow} from '../../../src/monitor/trades.ts';
import {decimalColumn, detailColumn, NONE, numberColumn, pnlColumn, textColumn} from '../../lines/columns.ts';
import type {Column} from '../../lines/table.ts';

/** The columns of the pane, in the order of the screen. */
export const tradeColumns: readonly Column<TradeRow>[] = [
  textColumn({
    id: 'executed_at',
    title: 'TIME',
    priority: 0,
    width: 12,
    value: row => isoMicros(row.executedAt),
    text: row => clock(row.executedAt, 3),
  }),
  textColumn({
    id: 'symbol',
    title: 'SYMBOL',
    priority: 0,
    width: 6,
    ideal: 7,
    max: 10,
    value: row => row.symbol,
    style: () => 'strong',
  }),
  textColumn({
    id: 'side',
    title: 'SIDE',
    priority: 1,
    width: 4,
    value: row => row.side,
    style: row => row.side ?? 'faint',
  }),
  decimalColumn({id: 'quantity', title: 'QTY', priority: 0, width: 7, digits: row => row.quantity, decimals: 'needed'}),
  decimalColumn({
    id: 'price',
    title: 'PRICE',
    priority: 0,
    width: 9,
    digits: row => row.price,
    decimals: 'needed',
    minDecimals: 2,
  }),
  decimalColumn({id: 'value', title: 'VALUE', priority: 4, width: 10, digits: worth, decimals: 2}),
  textColumn({
    id: 'strategy',
    title: 'STRATEGY',
    priority: 2,
    width: 8,
    ideal: 12,
    max: 20,
    value: row => row.strategy,
  }),
  textColumn({
    id: 'account_id',
    title: 'ACCOUNT',
    priority: 3,
    width: 7,
    ideal: 8,
    max: 14,
    value: row => row.accountId,
  }),
  pnlColumn({id: 'realized_pnl', title: 'P&L', priority: 5, width: 10, digits: row => row.realizedPnl, missing: NONE}),
  decimalColumn({id: 'commission', title: 'FEE', priority: 7, width: 6, digits: row => row.commission, decimals: 2}),
  numberColumn({
    id: 'lag_ms',
    title: 'LAG',
    priority: 6,
    width: 7,
    value: row => row.lagMs,
    format: lag,
    missing: NONE,
  }),
  textColumn({id: 'trade_type', title: 'TYPE', priority: 8, width: 7, value: row => row.tradeType}),
  textColumn({id: 'trade_id', title: 'TRADE', priority: 9, width: 12, ideal: 16, max: 38, value: row => row.tradeId}),
  textColumn({id: 'order_id', title: 'ORDER', priority: 10, width: 12, ideal: 16, max: 38, value: row => row.orderId}),
  textColumn({id: 'from', title: 'FROM', priority: 11, width: 5, value: row => row.from}),
  detailColumn({id: 'received_at', value: row => isoMicros(row.receivedAt)}),
];

/** Quantity times price, exact, then rounded to four decimals as the table's numeric is. */
export function worth(row: TradeRow): Digits {
  return to4(dec(row.quantity).mul(dec(row.price)));
}

/** A lag from milliseconds: without decimals, which say nothing. */
export function lag(ms: number | undefined): string {
  if (ms !== undefined && ms >= 0 && ms < 0.5) return '<1 ms';
  return ms !== undefined && ms >= 0.5 && ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}
