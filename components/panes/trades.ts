import {type Digits, dec, to4} from '../../src/core/decimal.ts';
import {age, ageAt, count, duration, money, sparkline} from '../../src/core/format.ts';
import {clock, isoMicros} from '../../src/core/time.ts';
import type {BusState} from '../../src/model/bus-state.ts';
import type {State} from '../../src/model/state.ts';
import type {TradeRow} from '../../src/monitor/trades.ts';
import {decimals, NONE, numbers, profits, unseen, words} from '../lines/columns.ts';
import {definePane} from '../lines/define-pane.tsx';
import {remark, type Status, statusOf} from '../lines/status.ts';
import type {Column} from '../lines/table.ts';
import {type Line, lineWidth, type Span} from '../lines/theme.ts';

const columns: readonly Column<TradeRow>[] = [
  words('executed_at', 'TIME', 0, [12], row => clock(row.executedAt, 3), {value: row => isoMicros(row.executedAt)}),
  words('symbol', 'SYMBOL', 0, [6, 7, 10], row => row.symbol, {style: () => 'strong'}),
  words('side', 'SIDE', 1, [4], row => row.side, {style: row => row.side ?? 'faint'}),
  decimals('quantity', 'QTY', 0, 7, row => row.quantity, 'needed'),
  decimals('price', 'PRICE', 0, 9, row => row.price, 'needed', {minDecimals: 2}),
  decimals('value', 'VALUE', 4, 10, worth, 2),
  words('strategy', 'STRATEGY', 2, [8, 12, 20], row => row.strategy),
  words('account_id', 'ACCOUNT', 3, [7, 8, 14], row => row.accountId),
  profits('realized_pnl', 'P&L', 5, 10, row => row.realizedPnl, NONE),
  decimals('commission', 'FEE', 7, 6, row => row.commission, 2),
  numbers('lag_ms', 'LAG', 6, 7, row => row.lagMs, lag, {none: NONE}),
  words('trade_type', 'TYPE', 8, [7], row => row.tradeType),
  words('trade_id', 'TRADE', 9, [10, 16, 38], row => row.tradeId),
  words('order_id', 'ORDER', 10, [10, 16, 38], row => row.orderId),
  words('from', 'FROM', 11, [5], row => row.from),
  unseen('received_at', row => isoMicros(row.receivedAt)),
];

/** The live tape: each trade once, newest first, from the bus; what the bus did not bring comes from the table. */
export const tradesPane = definePane({
  id: 'trades',
  title: 'Trades',
  columns,
  select: (state: State) => {
    const {bus} = state;
    return {
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
  status: state => busStatus(state.bus, state.at),
  head: ({perMinute, lagMs}) => [[`${count(perMinute)}/min`], [` · lag ${lag(lagMs)}`, 'faint']],
  foot: (data, _rows, room) => {
    const counts: Span[] = [
      [`seen ${count(data.seen)}`, 'faint'],
      [` · missed ${count(data.missed)}`, data.missed > 0 ? 'strong' : 'faint'],
      ...(data.rejected > 0 ? [[` · malformed ${count(data.rejected)}`, 'strong'] as const] : []),
      ...(data.gaps > 0 ? [[` · gaps ${count(data.gaps)}`, 'strong'] as const] : []),
    ];
    // Two seconds a bar, as many as there is room for beside what they span (` 1m30s · `).
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
  // A row that the bus did not bring.
  sign: row => (row.from === 'table' ? '·' : undefined),
});

/** The subscription as a pane's status. */
export function busStatus({link, tape}: BusState, now: number): Status {
  const failing = link.state === 'down' || link.state === 'denied' || (link.state === 'connecting' && link.drops > 0);
  const state =
    link.state === 'denied'
      ? 'denied'
      : failing
        ? 'down'
        : link.state === 'connecting'
          ? 'waiting'
          : tape.length > 0
            ? 'ok'
            : 'empty';
  const message = link.error ?? 'the subscription was lost';
  const at = tape[0]?.receivedAt;
  const failure = failing ? ({why: 'down', message, next: '', retry: true} as const) : undefined;
  const status = statusOf(
    {state, at, failure, failingSince: failing ? link.since : undefined, retryAt: link.retryAt},
    now,
  );
  if (state !== 'waiting') return status;
  return {...status, head: 'connecting', detail: `connecting to Redis for ${ageAt(link.since, now)}`};
}

/** Exact quantity times price, rounded to four decimals as the table's numeric is. */
function worth(row: TradeRow): Digits {
  return to4(dec(row.quantity).mul(dec(row.price)));
}

function lag(ms: number | undefined): string {
  return ms !== undefined && ms >= 0.5 && ms < 1000 ? `${Math.round(ms)} ms` : duration(ms);
}
