import fc from 'fast-check';
import type pg from 'pg';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {isoMicros} from '../../../src/core/time.ts';
import {type BookedTrade, insertRow} from './books-model.ts';

const NOON = Date.UTC(2026, 9, 20, 12) * 1000;

/** A trade with the fields given, and no more than a trade must have. */
export const bareTrade = (fields: Partial<Record<keyof TradeEvent, unknown>>): TradeEvent =>
  ({
    tradeId: 't',
    orderId: undefined,
    accountId: 'A',
    symbol: 'IBM',
    side: undefined,
    quantity: '100',
    price: '10',
    commission: undefined,
    executedAt: NOON,
    strategy: undefined,
    tradeType: undefined,
    totalValue: undefined,
    realizedPnl: undefined,
    winRate: undefined,
    ...fields,
  }) as TradeEvent;

// Ties, midnight, and the hours in which clocks change in New York and in Europe.
const TIMES = [
  NOON,
  NOON + 1,
  Date.UTC(2026, 9, 24, 23, 59, 59) * 1000 + 999_999,
  Date.UTC(2026, 9, 25) * 1000,
  Date.UTC(2026, 9, 25, 1) * 1000 - 1,
  Date.UTC(2026, 9, 25, 1, 30) * 1000,
  Date.UTC(2026, 10, 1, 5, 59) * 1000,
  Date.UTC(2026, 10, 1, 6) * 1000,
  Date.UTC(2026, 2, 8, 7) * 1000,
  Date.UTC(2026, 2, 29, 1) * 1000 + 1,
];
const money = (most: number) => fc.integer({min: 1, max: most * 10_000}).map(n => (n / 10_000).toFixed(4));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, {nil: undefined, freq: 2});

/** One trade's life: what its row and its event state, and the ranks by which the operations on all trades are ordered. */
export const life = fc.record({
  accountId: fc.constantFrom('A', 'B'),
  symbol: fc.constantFrom('IBM', 'ETH/USDT'),
  side: fc.constantFrom('buy', 'buy', 'sell'),
  quantity: fc.oneof(money(500), fc.constant('99999999999.9999'), fc.constant('0.0001')),
  price: fc.oneof(money(900), fc.constant('99999999999.9999'), fc.constant('0.0001')),
  commission: maybe(money(3)),
  executedAt: fc.constantFrom(...TIMES),
  strategy: maybe(fc.constantFrom('momentum', 'meanrev')),
  tradeType: maybe(fc.constantFrom('opening', 'closing', 'partial')),
  row: fc.record({
    is: fc.constantFrom('none', 'plain', 'ordered', 'with figures'),
    figures: fc.record({
      totalValue: maybe(money(9)),
      realizedPnl: maybe(money(99)),
      winRate: maybe(fc.constantFrom('0.5', '0.3333333333')),
    }),
    correction: maybe(fc.constantFrom('price', 'quantity', 'commission', 'time', 'side')),
    isBusted: fc.boolean(),
  }),
  event: fc.record({
    is: fc.constantFrom('none', 'once', 'twice'),
    statesSide: fc.boolean(),
    figures: fc.record({
      totalValue: maybe(money(9)),
      realizedPnl: maybe(money(99)),
      winRate: maybe(fc.constantFrom('1', '0')),
    }),
    isContradicted: fc.boolean(),
  }),
  ranks: fc.array(fc.nat(1000), {minLength: 5, maxLength: 5}),
});
export type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** What an operation does: its row comes, is corrected or taken away; an event comes, or one that contradicts. */
type OpKind = 'row' | 'correction' | 'bust' | 'event' | 'contradiction';
type Op = {readonly rank: number; readonly kind: OpKind; readonly run: () => Promise<unknown>};

/** How the operations reach the books. */
export type Ways = {
  readonly pool: pg.Pool;
  /** Brings an event. */
  readonly hear: (event: TradeEvent) => Promise<unknown>;
  /** Settles a trade from its row; undefined: trades are not busted. */
  readonly settle?: (id: string) => Promise<unknown>;
};

/** The operations of one life, and what it comes to. */
export function lived(spec: Life, i: number, {pool, hear, settle}: Ways) {
  const {row, event, ranks, side, ...fields} = spec;
  const base = bareTrade({...fields, tradeId: `t${i}`, side});
  const ops: Op[] = [];
  const [r = 0, c = 0, b = 0, e = 0, x = 0] = ranks;
  const hasRow = row.is !== 'none' || event.is === 'none';
  const booked: TradeEvent = row.is === 'with figures' ? {...base, ...row.figures} : base;
  const told: TradeEvent = {...base, side: event.statesSide ? base.side : undefined, ...event.figures};
  const fix = correctionOf(booked, row.correction);
  const isFixed = fix !== undefined && !(row.is === 'ordered' && row.correction === 'side');
  const isBusted = row.isBusted && settle !== undefined;
  if (hasRow) {
    ops.push({rank: r, kind: 'row', run: () => insertRow(pool, booked, row.is === 'ordered')});
    if (isFixed) ops.push({rank: r + 1 + c, kind: 'correction', run: () => pool.query(fix.sql)});
    if (row.isBusted && settle) {
      const gone = async () => {
        await settle?.(base.tradeId);
        await pool.query('DELETE FROM execution.trades WHERE trade_id = $1', [base.tradeId]);
        await settle?.(base.tradeId);
      };
      ops.push({rank: r + 2 + c + b, kind: 'bust', run: gone});
    }
  }
  if (event.is !== 'none') ops.push({rank: e, kind: 'event', run: () => hear(told)});
  if (event.is === 'twice') ops.push({rank: e + x, kind: 'event', run: () => hear(told)});
  // Only a row says which of two contents is right.
  if (event.isContradicted && hasRow)
    ops.push({rank: x, kind: 'contradiction', run: () => hear({...told, symbol: 'OTHER' as TradeEvent['symbol']})});
  const truth: BookedTrade = {
    row: hasRow && !isBusted ? (isFixed ? fix.row : booked) : undefined,
    event: event.is === 'none' || (hasRow && isBusted) ? undefined : told,
  };
  return {ops, truth, booked, told, corrected: isFixed ? fix.row : booked};
}

function correctionOf(row: TradeEvent, what: Life['row']['correction']) {
  const id = row.tradeId;
  const set = (sql: string, fields: Partial<Record<keyof TradeEvent, unknown>>) => ({
    sql: `UPDATE execution.trades SET ${sql} WHERE trade_id = '${id}'`,
    row: {...row, ...fields} as TradeEvent,
  });
  if (what === 'price') return set('price = 7.7777', {price: '7.7777'});
  if (what === 'quantity') return set('quantity = 3.3333', {quantity: '3.3333'});
  if (what === 'commission') return set('commission = 1.2345', {commission: '1.2345'});
  if (what === 'time') return set(`executed_at = '2026-10-25 00:00:00Z'`, {executedAt: Date.UTC(2026, 9, 25) * 1000});
  const other = row.side === 'buy' ? 'sell' : 'buy';
  return what === 'side' ? set(`side = '${other}'`, {side: other}) : undefined;
}

/** An event as a service publishes it, with what it states and no more. */
export function statedMessage(t: TradeEvent): string {
  const fields = {
    trade_id: t.tradeId,
    account_id: t.accountId,
    symbol: t.symbol,
    side: t.side,
    quantity: t.quantity,
    price: t.price,
    commission: t.commission,
    executed_at: isoMicros(t.executedAt as number).replace('Z', ''),
    strategy: t.strategy,
    trade_type: t.tradeType,
    total_value: t.totalValue,
    realized_pnl: t.realizedPnl,
    win_rate: t.winRate,
  };
  const timestamp = new Date().toISOString();
  return JSON.stringify({
    type: 'trade_executed',
    service: 'execution',
    data: fields,
    timestamp,
    correlation_id: t.tradeId,
  });
}
