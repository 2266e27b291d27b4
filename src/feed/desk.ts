import type {Micros} from '../core/time.ts';
import {type BookPosition, book, commissionOf, type FilledOrder, flat} from './book.ts';
import {type Fixed, times, wholeUnits} from './fixed.ts';
import {createMarket, type Market} from './market.ts';
import {createOrders, type Order, type OrderStep} from './orders.ts';
import {ALL_PERMITTED, type Permits} from './permits.ts';
import {createRandom, type Random} from './random.ts';

/** A trade as it is written and published. */
export type Trade = {
  readonly tradeId: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Fixed;
  readonly price: Fixed;
  readonly commission: Fixed;
  readonly executedAt: Micros;
  readonly strategy: string;
  readonly tradeType: FilledOrder['tradeType'];
  readonly totalValue: Fixed;
  readonly realizedPnl: Fixed;
};

/** What one trade changes: the present state of its orders and its position. */
export type DeskStep = {
  /** Every order that is new or changed its status, with the time of the change. */
  readonly orders: readonly Order[];
  /** The steps of their lives, in order: an order may take several at once. */
  readonly steps: readonly OrderStep[];
  readonly trade: Trade;
  readonly position: BookPosition;
  /** The position's mark: the last price. */
  readonly mark: Fixed;
};

/** Where a desk begins: empty, or where an earlier run on the same database ended. */
export type DeskStart = {
  readonly seed: number;
  /** Trades and orders that exist already under this seed. */
  readonly trades?: number;
  readonly orders?: number;
  readonly positions?: readonly BookPosition[];
  readonly prices?: ReadonlyMap<string, Fixed>;
  /** What each strategy may do. Default: everything. */
  readonly permits?: Permits;
};

/**
 * The simulated desk. It has no clock and no randomness of its own: the same start gives the same steps, whatever their
 * times. Each step is exactly one trade, T-SEED-NNNNNNNN.
 */
export type Desk = {
  readonly step: (at: Micros) => DeskStep;
  /** Whether any strategy may open something now; without one there is no step. */
  readonly mayStep: () => boolean;
  readonly market: Market;
  readonly positions: () => readonly BookPosition[];
};

export function createDesk(start: DeskStart): Desk {
  const {seed, positions = [], permits = ALL_PERMITTED} = start;
  let trades = start.trades ?? 0;
  // A run that continues an earlier one does not repeat that one's random numbers.
  const random = createRandom(seed, `desk ${trades}`);
  const market = createMarket(createRandom(seed, `market ${trades}`), start.prices);
  const held = new Map(positions.map(position => [pairKey(position), position]));
  const orders = createOrders({seed, random, market, held, made: start.orders ?? 0, permits});
  return {
    market,
    positions: () => [...held.values()],
    mayStep: permits.any,
    step: at => {
      market.move(1);
      const order = orders.turn(at);
      const quantity = fillQuantity(random, order);
      const price = fillPrice(random, order, market.price(order.symbol));
      const commission = commissionOf(quantity, price);
      const before = held.get(pairKey(order)) ?? flat(order.accountId, order.symbol);
      const {position, realizedPnl, tradeType} = book(before, {side: order.side, quantity, price, commission});
      held.set(pairKey(position), position);
      const tradeId = `T-${seed}-${String(++trades).padStart(8, '0')}`;
      orders.fill(order.orderId, {tradeId, quantity, at});
      const trade: Trade = {
        tradeId,
        orderId: order.orderId,
        accountId: order.accountId,
        symbol: order.symbol,
        side: order.side,
        quantity,
        price,
        commission,
        executedAt: at,
        strategy: order.strategy,
        tradeType,
        totalValue: times(quantity, price),
        realizedPnl,
      };
      return {...orders.changed(), trade, position, mark: market.price(order.symbol)};
    },
  };
}

/** 1 where a trade that closes gains, else 0; undefined: it opens, and has no outcome. */
export const winRateOf = ({tradeType, realizedPnl}: Trade): '1' | '0' | undefined =>
  tradeType === 'opening' ? undefined : realizedPnl > 0n ? '1' : '0';

/** Identity of a position: its account and symbol. */
export const pairKey = ({accountId, symbol}: {readonly accountId: string; readonly symbol: string}): string =>
  `${accountId} ${symbol}`;

// Two thirds of the fills complete the order.
function fillQuantity(random: Random, order: Order): Fixed {
  const left = order.quantity - order.filled;
  const shares = Number(left / 10_000n);
  if (shares < 2 || random.chance(0.65)) return left;
  return wholeUnits(Math.max(1, Math.floor(shares * (0.2 + 0.5 * random.next()))));
}

// Within a cent of the last price, and never worse than the order's limit.
function fillPrice(random: Random, order: Order, mark: Fixed): Fixed {
  const slip = BigInt(random.int(0, 99));
  const price = order.side === 'buy' ? mark + slip : mark - slip;
  if (order.price === undefined) return price > 0n ? price : 1n;
  return order.side === 'buy' ? (price < order.price ? price : order.price) : price > order.price ? price : order.price;
}
