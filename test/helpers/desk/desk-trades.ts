import type pg from 'pg';
import type {DeskEvent} from '../../../src/bus/event.ts';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {type Decimal, dec, to4} from '../../../src/core/decimal.ts';
import type {SafeText} from '../../../src/core/sanitise.ts';
import {isoMicros, type Micros} from '../../../src/core/time.ts';

/** Random numbers, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A shuffled copy. */
export function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

const START: Micros = Date.UTC(2026, 10, 20, 9, 30) * 1000;
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA'];
const STRATEGIES = ['momentum', 'meanrev', undefined];

/** Makes trades of a small desk in the order of their execution, with realised P&L by average cost. */
export function deskTrades(count: number, seed = 1, prefix = 't'): readonly TradeEvent[] {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const money = (most: number): string => to4(dec(Math.floor(random() * most * 10_000) + 1).div(10_000));
  const books = new Map<string, Book>();
  return Array.from({length: count}, (_, i) => {
    const side = random() < 0.6 ? 'buy' : 'sell';
    const [accountId, symbol] = [`ACC-${Math.floor(random() * 3)}`, pick(SYMBOLS)];
    const [quantity, price, commission] = [money(500), money(900), money(3)];
    const pair = `${accountId} ${symbol}`;
    const [book, realizedPnl] = averageCost(books.get(pair) ?? NO_BOOK, side, quantity, price, commission);
    books.set(pair, book);
    return {
      tradeId: `${prefix}${i}` as SafeText,
      orderId: undefined,
      accountId: accountId as SafeText,
      symbol: symbol as SafeText,
      side,
      quantity,
      price,
      commission,
      executedAt: START + i * 17_000_003,
      strategy: pick(STRATEGIES) as SafeText | undefined,
      tradeType: (side === 'buy' ? 'opening' : pick(['closing', 'partial'])) as SafeText,
      totalValue: undefined,
      realizedPnl,
      winRate: undefined,
    } as const;
  });
}

type Book = {readonly held: Decimal; readonly average: Decimal};
const NO_BOOK: Book = {held: dec(0), average: dec(0)};

// Average cost, implemented a second time to compare the database's with it.
function averageCost({held, average}: Book, side: string, q: string, p: string, fee: string): readonly [Book, string] {
  if (side === 'buy') {
    const cost = held.times(average).plus(dec(q).times(p)).plus(fee);
    return [{held: held.plus(q), average: dec(to4(cost.div(held.plus(q))))}, '0'];
  }
  if (held.isZero()) return [{held, average}, '0'];
  const sold = held.lt(q) ? held : dec(q);
  const realised = dec(to4(dec(p).minus(average).times(sold))).minus(fee);
  return [{held: held.minus(sold), average}, to4(realised)];
}

/** The same trades, in order of execution, with the realised P&L that they have by average cost. */
export function reckoned(trades: readonly TradeEvent[]): readonly TradeEvent[] {
  const books = new Map<string, Book>();
  return trades.map(trade => {
    const pair = `${trade.accountId} ${trade.symbol}`;
    const {side = '', quantity, price, commission = '0'} = trade;
    const [book, realizedPnl] = averageCost(books.get(pair) ?? NO_BOOK, side, quantity, price, commission);
    books.set(pair, book);
    return {...trade, realizedPnl};
  });
}

/** The same trades with a profit, a value or a win rate that only their events have. */
export function withOwnFigures(trades: readonly TradeEvent[], seed = 1): readonly TradeEvent[] {
  const random = seeded(seed);
  return trades.map(t => ({
    ...t,
    realizedPnl: t.side === 'buy' ? t.realizedPnl : to4(dec(Math.floor(random() * 9_000_000) - 4_000_000).div(10_000)),
    totalValue: random() < 0.3 ? `${t.quantity.split('.')[0]}.1234` : undefined,
    winRate: random() < 0.2 ? random().toFixed(6) : undefined,
  }));
}

/** A trade's event. */
export const tradeEvent = (data: TradeEvent): DeskEvent => ({
  kind: 'trades',
  channel: 'data_sync:trades' as SafeText,
  type: 'trade_executed' as SafeText,
  service: 'execution' as SafeText,
  at: (data.executedAt ?? START) + 2000,
  receivedAt: (data.executedAt ?? START) + 3000,
  correlationId: data.tradeId,
  data,
});

/** The expected analytics after these trades, each counted once, calculated without the database. */
export function expectedAnalytics(trades: readonly TradeEvent[]) {
  const portfolio = new Map<string, {value: string; pnl: string; trades: number}>();
  const metrics = new Map<string, {trades: number; winSum: string; winCount: number; value: string; pnl: string}>();
  for (const t of new Map(trades.map(trade => [trade.tradeId, trade])).values()) {
    const value = t.totalValue ?? to4(dec(t.quantity).times(t.price));
    const pnl = t.realizedPnl ?? '0';
    const closes = t.tradeType === 'closing' || t.tradeType === 'partial';
    const win = t.winRate ?? (closes ? (dec(pnl).gt(0) ? '1' : '0') : undefined);
    const pair = `${t.accountId} ${t.symbol}`;
    const p = portfolio.get(pair) ?? {value: '0', pnl: '0', trades: 0};
    portfolio.set(pair, {value: to4(dec(p.value).plus(value)), pnl: to4(dec(p.pnl).plus(pnl)), trades: p.trades + 1});
    const day = `${t.strategy ?? '(none)'} ${isoMicros(t.executedAt ?? START).slice(0, 10)}`;
    const m = metrics.get(day) ?? {trades: 0, winSum: '0', winCount: 0, value: '0', pnl: '0'};
    metrics.set(day, {
      trades: m.trades + 1,
      winSum: dec(m.winSum)
        .plus(win ?? 0)
        .toFixed(10),
      winCount: m.winCount + (win === undefined ? 0 : 1),
      value: to4(dec(m.value).plus(value)),
      pnl: to4(dec(m.pnl).plus(pnl)),
    });
  }
  const lines = <T extends object>(map: ReadonlyMap<string, T>): readonly string[] =>
    [...map].map(([key, row]) => [key, ...Object.values(row)].join(' ')).sort();
  return {portfolio: lines(portfolio), metrics: lines(metrics)};
}

/** The analytics in the database, in the same form. */
export async function analyticsOf(pool: pg.Pool) {
  const lines = async (sql: string): Promise<readonly string[]> => (await pool.query(sql)).rows.map(row => row.line);
  return {
    portfolio: await lines(`SELECT concat_ws(' ', account_id, symbol, total_value, realized_pnl, total_trades) AS line
      FROM analytics.portfolio_summary WHERE total_trades <> 0 ORDER BY 1`),
    metrics: await lines(`SELECT concat_ws(' ', strategy, date, total_trades, win_sum, win_count, total_value,
      realized_pnl) AS line FROM analytics.performance_metrics WHERE total_trades <> 0 ORDER BY 1`),
  };
}

/** Writes trades into the tables as the desk does, each with an order that has its side, in one transaction. */
export async function bookTrades(pool: pg.Pool | pg.PoolClient, trades: readonly TradeEvent[]): Promise<void> {
  const rows = JSON.stringify(
    trades.map(t => ({
      trade_id: t.tradeId,
      order_id: `o-${t.tradeId}`,
      account_id: t.accountId,
      symbol: t.symbol,
      side: t.side,
      quantity: t.quantity,
      price: t.price,
      commission: t.commission,
      executed_at: isoMicros(t.executedAt ?? START),
      strategy: t.strategy,
      trade_type: t.tradeType,
    })),
  );
  await pool.query(
    `WITH rows AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(trade_id text, order_id text, account_id text,
       symbol text, side execution.order_side, quantity numeric, price numeric, commission numeric,
       executed_at timestamptz, strategy text, trade_type text)),
     orders AS (INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
       SELECT order_id, account_id, symbol, side, 'market', quantity FROM rows RETURNING order_id)
     INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at,
       strategy, trade_type)
     SELECT trade_id, r.order_id, account_id, symbol, quantity, price, commission, executed_at, strategy, trade_type
       FROM rows AS r JOIN orders AS o ON o.order_id = r.order_id`,
    [rows],
  );
}

/** A trade's message as a Python service publishes it. */
export function tradeMessage(t: TradeEvent): string {
  const time = isoMicros(t.executedAt ?? START).replace('Z', '');
  const fields = [
    `"trade_id": "${t.tradeId}"`,
    `"order_id": "o-${t.tradeId}"`,
    `"account_id": "${t.accountId}"`,
    `"symbol": "${t.symbol}"`,
    `"side": "${t.side}"`,
    `"quantity": ${t.quantity}`,
    `"price": "${t.price}"`,
    `"commission": ${t.commission ?? 0}`,
    `"executed_at": "${time}"`,
    ...(t.strategy ? [`"strategy": "${t.strategy}"`] : []),
    `"trade_type": "${t.tradeType}"`,
    ...(t.totalValue ? [`"total_value": ${t.totalValue}`] : []),
    ...(t.realizedPnl ? [`"realized_pnl": ${t.realizedPnl}`] : []),
    ...(t.winRate ? [`"win_rate": ${t.winRate}`] : []),
  ];
  const now = isoMicros(Date.now() * 1000).replace('Z', '');
  return `{"type": "trade_executed", "service": "execution", "data": {${fields.join(', ')}}, "timestamp": "${now}", "correlation_id": "${t.tradeId}"}`;
}
