import {type Digits, dec, to4} from '../../src/core/decimal.ts';
import {age, count, decimalsOf, duration, money, signed, sparkline} from '../../src/core/format.ts';
import {sumDigits} from '../../src/core/sum.ts';
import {clock, isoMicros} from '../../src/core/time.ts';
import type {State} from '../../src/model/state.ts';
import type {TradeRow} from '../../src/monitor/trades.ts';
import {decimalColumn, detailColumn, NONE, numberColumn, pnlColumn, pnlStyle, textColumn} from '../lines/columns.ts';
import {lineWidth} from '../lines/line.ts';
import {busStatus, remark} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import type {Line, Span} from '../lines/theme.ts';
import {definePane} from './shared/define-pane.tsx';

const columns: readonly Column<TradeRow>[] = [
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
  textColumn({id: 'trade_id', title: 'TRADE', priority: 9, width: 10, ideal: 16, max: 38, value: row => row.tradeId}),
  textColumn({id: 'order_id', title: 'ORDER', priority: 10, width: 10, ideal: 16, max: 38, value: row => row.orderId}),
  textColumn({id: 'from', title: 'FROM', priority: 11, width: 5, value: row => row.from}),
  detailColumn({id: 'received_at', value: row => isoMicros(row.receivedAt)}),
];

/** The live tape: each trade once, newest first. Trades that did not arrive on the bus come from the table. */
export const tradesPane = definePane({
  id: 'trades',
  title: 'Trades',
  columns,
  select: (state: State) => {
    const {bus} = state;
    return {
      status: busStatus(bus, state.at),
      rows: bus.tape,
      history: bus.history,
      perMinute: bus.perMinute,
      lagMs: bus.lagMs,
      lagP99Ms: bus.lagP99Ms,
      seen: bus.seen,
      missed: bus.missed,
      rejected: bus.rejected,
      gaps: bus.gaps,
      table: remark('execution.trades', state.samples.trades, state.at),
    };
  },
  rows: data => data.rows,
  rowKey: row => row.tradeId,
  head: ({perMinute, lagMs}) => [[`${count(perMinute)}/min`], [` · lag ${lag(lagMs)}`, 'faint']],
  foot: (data, _rows, room) => {
    const counts: Span[] = [
      [`seen ${count(data.seen)}`, 'faint'],
      [` · missed ${count(data.missed)}`, data.missed > 0 ? 'strong' : 'faint'],
      ...(data.rejected > 0 ? [[` · rejected ${count(data.rejected)}`, 'strong'] as const] : []),
      ...(data.gaps > 0 ? [[` · gaps ${count(data.gaps)}`, 'strong'] as const] : []),
    ];
    // A bar for two seconds; nine cells are for the span that the bars cover (` 1m30s · `).
    const bars = Math.min(data.history.length, room - lineWidth(counts) - 9);
    if (bars < 8) return counts;
    return [[sparkline(data.history, bars), 'faint'], [` ${age(bars * 2)} · `, 'faint'], ...counts];
  },
  remarks: ({table}) => (table === undefined ? [] : [table]),
  empty: 'no trade yet: listening on data_sync:trades',
  brief: (data, rows): Line => {
    const last = rows[0];
    return [
      [`${count(data.perMinute)}/min · lag ${lag(data.lagMs)}`],
      [
        last
          ? `  last ${last.symbol} ${last.side ?? ''} ${money(last.quantity, 0)} @ ${money(last.price)}`
          : '  no trade yet',
        'faint',
      ],
      ...(data.missed > 0 ? [[`  missed ${count(data.missed)}`, 'strong'] as const] : []),
    ];
  },
  sumsNarrowed: true,
  totals: rows => {
    const [net, pnl] = [sumDigits(rows.map(bought)), sumDigits(rows.map(row => row.realizedPnl))];
    return {
      executed_at: [`NET OF ${count(rows.length)}`, 'strong'],
      quantity: [signed(net, Math.min(8, decimalsOf(net ?? '0'))), 'strong'],
      value: [money(sumDigits(rows.map(worth))), 'strong'],
      realized_pnl: [pnl === undefined ? NONE : signed(pnl), pnlStyle(pnl) ?? 'strong'],
      commission: [money(sumDigits(rows.map(row => row.commission))), 'strong'],
    };
  },
  // A trade that did not arrive on the bus.
  sign: row => (row.from === 'table' ? '·' : undefined),
});

/** The quantity that was bought; sold: less than zero. */
const bought = ({side, quantity}: TradeRow): Digits | undefined =>
  side === undefined ? undefined : side === 'sell' && /[1-9]/.test(quantity) ? `-${quantity}` : quantity;

/** Quantity times price, exact, then rounded to four decimals as the table's numeric is. */
function worth(row: TradeRow): Digits {
  return to4(dec(row.quantity).mul(dec(row.price)));
}

function lag(ms: number | undefined): string {
  return ms !== undefined && ms >= 0.5 && ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}
