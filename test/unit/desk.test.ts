import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {Decimal, dec} from '../../src/core/decimal.ts';
import {createBars} from '../../src/feed/bars.ts';
import {type BookPosition, book, commissionOf, type Fill, flat, valueAt} from '../../src/feed/book.ts';
import {createDesk, type DeskStart, pairKey, type Trade} from '../../src/feed/desk.ts';
import {digitsOf, divide, parseFixed, times} from '../../src/feed/fixed.ts';
import {createHistory} from '../../src/feed/history.ts';
import type {OrderStatus} from '../../src/feed/orders.ts';
import {createRandom} from '../../src/feed/random.ts';
import {STRATEGIES, SYMBOLS} from '../../src/feed/universe.ts';
import {writeBatchOf} from '../../src/feed/write.ts';

const MINUTE = 60_000_000;
const NOW = 1_795_338_000_000_000 + 12_345_678;
const steps = (start: DeskStart, count: number, everyMicros = 1000) => {
  const desk = createDesk(start);
  return Array.from({length: count}, (_, i) => desk.step(NOW + i * everyMicros));
};
/** The fields of a trade that do not depend on the clock, to compare two runs by. */
const contentOf = (trade: Trade): string =>
  [
    trade.tradeId,
    trade.orderId,
    trade.accountId,
    trade.symbol,
    trade.side,
    digitsOf(trade.quantity),
    digitsOf(trade.price),
    digitsOf(trade.realizedPnl),
    trade.strategy,
  ].join(' ');
const contents = (start: DeskStart, count: number, everyMicros?: number) =>
  steps(start, count, everyMicros).map(({trade}) => contentOf(trade));

describe('the simulated desk', () => {
  it('makes the same trades from the same seed, at any time and rate', () => {
    expect(contents({seed: 7}, 300, 1)).toEqual(contents({seed: 7}, 300, 90_000_000));
    expect(contents({seed: 7}, 5)).not.toEqual(contents({seed: 8}, 5));
  });

  it('trades for no strategy that is stopped, and cancels its orders', () => {
    const stopped = new Set<string>();
    const permits = {
      opens: (s: string) => !stopped.has(s),
      trades: (s: string) => !stopped.has(s),
      any: () => stopped.size < 6,
    };
    const desk = createDesk({seed: 5, permits});
    for (let i = 0; i < 200; i++) desk.step(NOW + i);
    for (const {name} of STRATEGIES) if (name !== 'vwap') stopped.add(name);
    const [first, ...rest] = Array.from({length: 50}, (_, i) => desk.step(NOW + 1000 + i));
    const ended = first?.orders.filter(({strategy}) => stopped.has(strategy)) ?? [];
    expect(new Set(ended.map(({status}) => status))).toEqual(new Set(['cancelled']));
    expect(rest.flatMap(({orders}) => orders).filter(({strategy}) => stopped.has(strategy))).toEqual([]);
    expect(new Set([first, ...rest].map(step => step?.trade.strategy))).toEqual(new Set(['vwap']));
    stopped.add('vwap');
    expect(desk.mayStep()).toBe(false);
  });

  it('begins with these trades on every machine', () => {
    expect(contents({seed: 1}, 4)).toMatchInlineSnapshot(`
      [
        "T-1-00000001 O-1-00000002 ACC-01 PFE buy 875.0000 27.6015 0.0000 rebalance",
        "T-1-00000002 O-1-00000004 ACC-01 GS buy 5.0000 389.5475 0.0000 breakout",
        "T-1-00000003 O-1-00000003 ACC-08 AMZN buy 10.0000 178.2007 0.0000 meanrev",
        "T-1-00000004 O-1-00000007 ACC-04 WMT buy 68.0000 60.1308 0.0000 momentum",
      ]
    `);
  });

  it('continues where an earlier run ended, with other random numbers', () => {
    const first = createDesk({seed: 3});
    const before = Array.from({length: 50}, (_, i) => first.step(NOW + i));
    const [second] = steps({seed: 3, trades: 50, orders: 70, positions: first.positions()}, 1);
    expect(second?.trade.tradeId).toBe('T-3-00000051');
    expect(Number(second?.trade.orderId.slice(-8))).toBeGreaterThan(70);
    expect(before.map(({trade}) => `${trade.symbol}${trade.price}`)).not.toContain(
      `${second?.trade.symbol}${second?.trade.price}`,
    );
  });

  it('never sells more than it holds, and keeps positions exact to the last digit', () => {
    const quantities = new Map<string, Decimal>();
    const realised = new Map<string, Decimal>();
    for (const {trade, position} of steps({seed: 11}, 3000)) {
      const key = pairKey(trade);
      const change = dec(digitsOf(trade.quantity));
      const next = (quantities.get(key) ?? new Decimal(0)).plus(trade.side === 'buy' ? change : change.negated());
      expect(next.gte(0)).toBe(true);
      quantities.set(key, next);
      realised.set(key, (realised.get(key) ?? new Decimal(0)).plus(digitsOf(trade.realizedPnl)));
      expect(digitsOf(position.quantity)).toBe(next.toFixed(4));
      expect(digitsOf(position.realizedPnl)).toBe(realised.get(key)?.toFixed(4));
      expect(trade.tradeType).toBe(trade.side === 'buy' ? 'opening' : next.isZero() ? 'closing' : 'partial');
      expect(digitsOf(trade.totalValue)).toBe(change.times(digitsOf(trade.price)).toFixed(4, Decimal.ROUND_HALF_UP));
    }
  });

  it('takes every order through its life cycle', () => {
    const follows: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
      pending: ['submitted', 'rejected', 'partially_filled', 'filled'],
      submitted: ['partially_filled', 'filled', 'cancelled'],
      partially_filled: ['partially_filled', 'filled', 'cancelled'],
      filled: [],
      cancelled: [],
      rejected: [],
    };
    const last = new Map<string, OrderStatus>();
    const seen = new Set<string>();
    for (const {orders, steps: taken, trade} of steps({seed: 2}, 3000)) {
      for (const {order, before, tradeId} of taken) {
        expect(order.step).toBe((before?.step ?? 0) + 1);
        if (before === undefined) expect(order.status).toBe('pending');
        else expect(follows[before.status]).toContain(order.status);
        expect(tradeId).toBe(order.filled > (before?.filled ?? 0n) ? trade.tradeId : undefined);
        expect(order.updatedAt).toBeGreaterThanOrEqual(before?.updatedAt ?? 0);
      }
      expect(new Set(taken.map(({order}) => order.orderId))).toEqual(new Set(orders.map(({orderId}) => orderId)));
      const own = orders.find(({orderId}) => orderId === trade.orderId);
      expect(own?.status).toBe(own?.filled === own?.quantity ? 'filled' : 'partially_filled');
      for (const {orderId, status, filled, quantity, price, side, orderType, reason} of orders) {
        const before = last.get(orderId);
        if (before) expect(follows[before]).toContain(status);
        expect(filled).toBeLessThanOrEqual(quantity);
        if (orderType === 'limit' && orderId === trade.orderId) {
          expect(side === 'buy' ? trade.price <= (price ?? 0n) : trade.price >= (price ?? 0n)).toBe(true);
        }
        if (status === 'rejected') expect(reason).toBeDefined();
        last.set(orderId, status);
        seen.add(`${orderType} ${status}`);
      }
    }
    for (const type of ['market', 'limit', 'stop']) {
      for (const status of ['filled', 'partially_filled', 'rejected']) expect(seen).toContain(`${type} ${status}`);
    }
    expect(seen).toContain('limit cancelled');
    const open = [...last.values()].filter(status => follows[status].length > 0);
    expect(open.length).toBeLessThan(60);
  });

  it('keeps prices plausible and about sixty positions open in a long run', () => {
    const desk = createDesk({seed: 5});
    for (let i = 0; i < 20_000; i++) desk.step(NOW + i);
    const initial = createDesk({seed: 5}).market;
    for (const symbol of SYMBOLS) {
      const ratio = Number(desk.market.price(symbol)) / Number(initial.price(symbol));
      expect(ratio).toBeGreaterThan(0.7);
      expect(ratio).toBeLessThan(1.4);
    }
    const open = desk.positions().filter(({quantity}) => quantity > 0n).length;
    expect(open).toBeGreaterThan(30);
    expect(open).toBeLessThan(120);
  });

  it('merges steps into a batch that holds the last state of each order and position once', () => {
    const made = steps({seed: 4}, 200);
    const batch = writeBatchOf(made);
    expect(batch.trades).toHaveLength(200);
    expect(new Set(batch.orders.map(o => o.orderId)).size).toBe(batch.orders.length);
    for (const {position} of batch.positions) {
      expect(position).toBe(made.findLast(step => pairKey(step.position) === pairKey(position))?.position);
    }
    const orders = new Set(batch.orders.map(o => o.orderId));
    expect(batch.trades.every(t => orders.has(t.orderId))).toBe(true);
  });
});

describe('the history of a new desk', () => {
  const desk = createDesk({seed: 1});
  const {bars, steps: past} = createHistory(desk, 1, NOW);

  it('has a valid bar for every minute of a day and every symbol', () => {
    expect(bars).toHaveLength(1440 * SYMBOLS.length);
    expect(new Set(bars.map(bar => `${bar.symbol} ${bar.at}`)).size).toBe(bars.length);
    const wrong = bars.filter(
      ({at, open, high, low, close, volume}) =>
        at % MINUTE !== 0 ||
        at >= NOW ||
        at < NOW - 1441 * MINUTE ||
        !(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume > 0),
    );
    expect(wrong).toEqual([]);
  });

  it('has some hundred trades of the last hours, in their order, before now', () => {
    expect(past.length).toBeGreaterThan(300);
    expect(past.length).toBeLessThan(600);
    const times = past.map(({trade}) => trade.executedAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect((times[0] as number) >= NOW - 361 * MINUTE && (times.at(-1) as number) < NOW).toBe(true);
  });

  it('is what the desk continues from, the same for the same seed', () => {
    const again = createDesk({seed: 1});
    createHistory(again, 1, NOW + 1234 * MINUTE);
    const next = desk.step(NOW).trade;
    expect(contentOf(again.step(NOW).trade)).toBe(contentOf(next));
    expect(next.tradeId).toBe(`T-1-${String(past.length + 1).padStart(8, '0')}`);
  });
});

describe('current bars', () => {
  it('are valid, follow the market, and are returned only when they change', () => {
    const {market} = createDesk({seed: 9});
    const bars = createBars(market, createRandom(9, 'volumes'));
    expect(bars.update(NOW)).toHaveLength(SYMBOLS.length);
    expect(bars.update(NOW + 1)).toEqual([]);
    const minute = Math.floor(NOW / MINUTE) * MINUTE;
    for (let i = 0; i < 200; i++) {
      market.move(50);
      for (const bar of bars.update(minute + i * 1_000_000)) {
        expect(BigInt(bar.close)).toBe(market.price(bar.symbol));
        expect(bar.low <= bar.open && bar.low <= bar.close && bar.high >= bar.open && bar.high >= bar.close).toBe(true);
      }
    }
    const [fresh] = bars.update(minute + 10 * MINUTE);
    expect(BigInt(fresh?.open ?? 0)).toBe(market.price(fresh?.symbol ?? ''));
  });
});

describe('quotes', () => {
  it('go on while the desk cannot trade, and are the desk’s own prices again when it does', () => {
    const {market} = createDesk({seed: 9});
    const bars = createBars(market, createRandom(9, 'volumes'));
    // A market that has moved once is a quiet one: it stays where it is.
    market.move(50);
    bars.update(NOW - MINUTE);
    for (let i = 1; i < 60; i++) {
      for (const bar of bars.update(NOW - MINUTE + i * 1_000_000)) {
        expect(BigInt(bar.close)).toBe(market.price(bar.symbol));
      }
    }
    market.move(50);
    bars.update(NOW - 1);
    market.move(50);
    const before = market.prices();
    bars.update(NOW);
    // Without a trade, as behind a lock: every second some symbols have another price, near the last one.
    for (let i = 2; i < 60; i++) {
      const quoted = bars.update(NOW + i * 1_000_000);
      expect(quoted.length).toBeGreaterThan(SYMBOLS.length / 2);
      for (const {symbol, close} of quoted) {
        expect(Math.abs(close - Number(market.price(symbol)))).toBeLessThanOrEqual(200);
      }
    }
    expect(market.prices()).toEqual(before);
    market.move(50);
    for (const bar of bars.update(NOW + MINUTE)) expect(BigInt(bar.close)).toBe(market.price(bar.symbol));
  });
});

describe('the book', () => {
  const amount = fc.bigInt({min: 1n, max: 10n ** 9n});
  const fills = fc.array(
    fc.record({
      side: fc.constantFrom('buy', 'sell'),
      quantity: amount,
      price: amount,
      commission: fc.bigInt({min: 0n, max: 10n ** 6n}),
    }),
    {maxLength: 30},
  ) as fc.Arbitrary<Fill[]>;
  const exact = (value: bigint) => dec(digitsOf(value));

  it('agrees with exact decimals on average cost', () => {
    fc.assert(
      fc.property(fills, list => {
        let position: BookPosition = flat('A', 'S');
        for (const fill of list) {
          const before = position;
          if (fill.side === 'sell' && fill.quantity > before.quantity) {
            expect(() => book(before, fill)).toThrow(RangeError);
            continue;
          }
          const {position: after, realizedPnl} = book(before, fill);
          if (fill.side === 'buy') {
            const cost = exact(before.quantity)
              .times(exact(before.avgPrice))
              .plus(exact(fill.quantity).times(exact(fill.price)))
              .plus(exact(fill.commission));
            expect(digitsOf(after.avgPrice)).toBe(cost.div(exact(after.quantity)).toFixed(4, Decimal.ROUND_HALF_UP));
          } else {
            const gain = exact(fill.price).minus(exact(before.avgPrice)).times(exact(fill.quantity));
            expect(digitsOf(realizedPnl)).toBe(
              dec(gain.toFixed(4, Decimal.ROUND_HALF_UP)).minus(exact(fill.commission)).toFixed(4),
            );
            expect(after.avgPrice).toBe(before.avgPrice);
          }
          position = after;
        }
      }),
    );
  });

  it('values a position by its mark', () => {
    const position = {...flat('A', 'S'), quantity: parseFixed('10'), avgPrice: parseFixed('1.5')};
    const {value, unrealized} = valueAt(position, parseFixed('2.25'));
    expect([digitsOf(value), digitsOf(unrealized)]).toEqual(['22.5000', '7.5000']);
  });

  it('charges half a cent a share, at least 0.35, at most one percent', () => {
    const fee = (quantity: string, price: string) => digitsOf(commissionOf(parseFixed(quantity), parseFixed(price)));
    expect([fee('875', '27.6'), fee('1', '202'), fee('1', '10')]).toEqual(['4.3750', '0.3500', '0.1000']);
  });

  it('keeps four decimals exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({min: -(10n ** 15n), max: 10n ** 15n}), fc.bigInt({min: 1n, max: 10n ** 12n}), (a, b) => {
        expect(parseFixed(digitsOf(a))).toBe(a);
        expect(digitsOf(times(a, b))).toBe(
          exact(a)
            .times(exact(b))
            .toFixed(4, Decimal.ROUND_HALF_UP)
            .replace(/^-(0\.0000)$/, '$1'),
        );
        expect(divide(a, b)).toBe(BigInt(dec(a).div(dec(b)).toFixed(0, Decimal.ROUND_HALF_UP)));
      }),
    );
    expect([parseFixed('7'), parseFixed('-0.5'), digitsOf(-5000n)]).toEqual([70_000n, -5000n, '-0.5000']);
  });
});

describe('random numbers', () => {
  it('are uniform, and the same for the same seed and name', () => {
    const random = createRandom(1, 'a');
    const values = Array.from({length: 10_000}, random.next);
    expect(values.every(v => v >= 0 && v < 1)).toBe(true);
    expect(Math.abs(values.reduce((a, b) => a + b, 0) / values.length - 0.5)).toBeLessThan(0.02);
    const same = createRandom(1, 'a');
    expect(values.slice(0, 5)).toEqual(Array.from({length: 5}, same.next));
    expect(createRandom(1, 'b').next()).not.toBe(values[0]);
    expect(createRandom(2 ** 40 + 1, 'a').next()).not.toBe(values[0]);
  });
});
