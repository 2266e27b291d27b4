import type {Digits} from '../../../src/core/decimal.ts';
import {age, count, decimalsOf, money, signed, sparkline} from '../../../src/core/format.ts';
import {sumDigits} from '../../../src/core/sum.ts';
import type {State} from '../../../src/model/state.ts';
import type {TradeRow} from '../../../src/monitor/trades.ts';
import {NONE, pnlStyle} from '../../lines/columns.ts';
import {lineWidth} from '../../lines/line.ts';
import {busStatus, remark} from '../../lines/status.ts';
import type {Line, Span} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {lag, tradeColumns, worth} from './columns.ts';

/** The live tape: each trade once, newest first. Trades that did not arrive on the bus come from the table. */
export const tradesPane = definePane({
  id: 'trades',
  title: 'Trades',
  columns: tradeColumns,
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
  fleeting: true,
  figures: ({perMinute, lagMs, lagP99Ms}) => ({per_minute: perMinute, lag_ms: lagMs, lag_p99_ms: lagP99Ms}),
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
