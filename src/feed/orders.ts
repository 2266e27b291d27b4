import type {Micros} from '../core/time.ts';
import type {BookPosition} from './book.ts';
import {type Fixed, toNumber, wholeUnits} from './fixed.ts';
import type {Market} from './market.ts';
import type {Permits} from './permits.ts';
import type {Random} from './random.ts';
import {ACCOUNTS, STRATEGIES, SYMBOLS} from './universe.ts';

/** @internal */
export type OrderStatus = 'pending' | 'submitted' | 'filled' | 'partially_filled' | 'cancelled' | 'rejected';

export type Order = {
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly orderType: 'market' | 'limit' | 'stop';
  readonly quantity: Fixed;
  readonly filled: Fixed;
  readonly price: Fixed | undefined;
  readonly stopPrice: Fixed | undefined;
  readonly timeInForce: 'day' | 'gtc' | 'ioc';
  readonly status: OrderStatus;
  readonly strategy: string;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  /** Why it was rejected or cancelled. */
  readonly reason?: string;
  /** How many steps its life has had, this one included. */
  readonly step: number;
};

/** A step of an order's life: a status that it took, or a fill. */
export type OrderStep = {
  /** The order as it was from then on. */
  readonly order: Order;
  /** As it was before; undefined: it is new. */
  readonly before: Order | undefined;
  /** The trade that filled it, where one did. */
  readonly tradeId: string | undefined;
};

/**
 * The working orders and their life cycle: pending → submitted → partially_filled → filled, or cancelled, or rejected.
 */
type OrderBook = {
  /** Creates, submits and cancels orders. Returns the one to be filled now. */
  readonly turn: (at: Micros) => Order;
  readonly fill: (
    orderId: string,
    fill: {readonly tradeId: string; readonly quantity: Fixed; readonly at: Micros},
  ) => void;
  /** The orders that changed since the last call, each once, in their present state, and every step between. */
  readonly changed: () => {readonly orders: readonly Order[]; readonly steps: readonly OrderStep[]};
};

type OrdersOptions = {
  readonly seed: number;
  readonly random: Random;
  readonly market: Market;
  /** Positions by account and symbol, kept up to date by the desk. */
  readonly held: ReadonlyMap<string, BookPosition>;
  /** How many orders exist already. */
  readonly made: number;
  /** What each strategy may do now. */
  readonly permits: Permits;
};

const MAX_WORKING = 24;
const OPEN_POSITIONS = 60;
const REJECT_CHANCE = 0.03;
const CANCEL_CHANCE = 0.05;
const REASONS = ['order value above the account’s limit', 'symbol is halted', 'price too far from the market'] as const;

export function createOrders({seed, random, market, held, made, permits}: OrdersOptions): OrderBook {
  const working = new Map<string, Order>();
  const changed = new Map<string, Order>();
  let steps: OrderStep[] = [];
  let count = made;
  const put = (state: Omit<Order, 'step'>, tradeId?: string): Order => {
    const before = working.get(state.orderId);
    const order = {...state, step: (before?.step ?? 0) + 1};
    steps.push({order, before, tradeId});
    changed.set(order.orderId, order);
    if (['filled', 'cancelled', 'rejected'].includes(order.status)) working.delete(order.orderId);
    else working.set(order.orderId, order);
    return order;
  };
  const create = (at: Micros, marketable: boolean): Order => {
    const orderId = `O-${seed}-${String(++count).padStart(8, '0')}`;
    return put({
      orderId,
      ...draftOrder({random, market, held, permits}, working, marketable),
      filled: 0n,
      createdAt: at,
      updatedAt: at,
    });
  };
  const send = (order: Order, at: Micros): Order =>
    random.chance(REJECT_CHANCE)
      ? put({...order, status: 'rejected', reason: random.pick(REASONS), updatedAt: at})
      : put({...order, status: 'submitted', updatedAt: at});
  const cancelSome = (at: Micros): void => {
    const [oldest] = working.values();
    if (oldest && oldest.status !== 'pending' && (working.size > MAX_WORKING || random.chance(CANCEL_CHANCE))) {
      put({...oldest, status: 'cancelled', reason: 'not filled in time', updatedAt: at});
    }
  };
  return {
    turn: at => {
      const halted = [...working.values()].filter(({strategy}) => !permits.trades(strategy));
      for (const order of halted)
        put({...order, status: 'cancelled', reason: 'its strategy was halted', updatedAt: at});
      for (const order of [...working.values()].filter(({status}) => status === 'pending')) send(order, at);
      cancelSome(at);
      if (random.chance(0.55) || working.size < 8) create(at, false);
      const ready = [...working.values()].filter(order => order.status !== 'pending' && fits(order, market));
      if (ready.length > 0) return random.pick(ready);
      return submitted(() => send(create(at, true), at));
    },
    fill: (orderId, {tradeId, quantity, at}) => {
      const order = working.get(orderId) as Order;
      const filled = order.filled + quantity;
      const status = filled === order.quantity ? 'filled' : 'partially_filled';
      put({...order, filled, status, updatedAt: at}, tradeId);
    },
    changed: () => {
      const all = {orders: [...changed.values()], steps};
      changed.clear();
      steps = [];
      return all;
    },
  };
}

/** Sends orders until one is not rejected. */
function submitted(send: () => Order): Order {
  for (;;) {
    const sent = send();
    if (sent.status === 'submitted') return sent;
  }
}

/** Whether the order can be filled at the market's price. */
function fits({orderType, side, price, stopPrice, symbol}: Order, market: Market): boolean {
  const mark = market.price(symbol);
  if (orderType === 'market') return true;
  if (orderType === 'stop') return side === 'buy' ? mark >= (stopPrice as Fixed) : mark <= (stopPrice as Fixed);
  return side === 'buy' ? mark <= (price as Fixed) : mark >= (price as Fixed);
}

type OrderDraft = Omit<Order, 'orderId' | 'filled' | 'createdAt' | 'updatedAt' | 'step'>;

// Sells become likelier with every open position, which keeps about sixty open. Quantities that a working sell has
// reserved are not sold twice.
function draftOrder(
  {random, market, held, permits}: Pick<OrdersOptions, 'random' | 'market' | 'held' | 'permits'>,
  working: ReadonlyMap<string, Order>,
  marketable: boolean,
): OrderDraft {
  const sellable = [...held.values()].filter(position => position.quantity > 0n);
  const selling = random.chance(Math.min(0.9, Math.max(0.1, 0.4 + (sellable.length - OPEN_POSITIONS) / 100)));
  const active = STRATEGIES.filter(({name}) => permits.opens(name));
  const strategy = random.pick(active.length > 0 ? active : STRATEGIES).name;
  if (selling && sellable.length > 0) {
    const {accountId, symbol, quantity} = random.pick(sellable);
    const shares = Number((quantity - reservedBySells(working, accountId, symbol)) / 10_000n);
    if (shares >= 1) {
      const sold = random.chance(0.4) ? shares : Math.max(1, Math.floor(shares * (0.2 + 0.6 * random.next())));
      return {
        accountId,
        symbol,
        side: 'sell',
        quantity: wholeUnits(sold),
        strategy,
        ...terms(random, market, symbol, 'sell', marketable),
      };
    }
  }
  const symbol = random.pick(SYMBOLS);
  const money = 2000 + 58_000 * random.next() ** 2;
  const lot = random.pick([1, 5, 10, 25]);
  const shares = Math.max(1, Math.round(money / toNumber(market.price(symbol)) / lot) * lot);
  const accountId = random.pick(ACCOUNTS);
  return {
    accountId,
    symbol,
    side: 'buy',
    quantity: wholeUnits(shares),
    strategy,
    ...terms(random, market, symbol, 'buy', marketable),
  };
}

function reservedBySells(working: ReadonlyMap<string, Order>, accountId: string, symbol: string): Fixed {
  let sum = 0n;
  for (const order of working.values()) {
    if (order.side === 'sell' && order.accountId === accountId && order.symbol === symbol) {
      sum += order.quantity - order.filled;
    }
  }
  return sum;
}

function terms(random: Random, market: Market, symbol: string, side: 'buy' | 'sell', marketable: boolean) {
  const chance = marketable ? 0 : random.next();
  const mark = Number(market.price(symbol));
  const offset = BigInt(Math.max(1, Math.round((mark * random.next() * 0.002) / 100)) * 100);
  const below = side === 'buy' ? BigInt(mark) - offset : BigInt(mark) + offset;
  const status = 'pending' as const;
  if (chance > 0.9) {
    const stopPrice = side === 'buy' ? BigInt(mark) + offset : BigInt(mark) - offset;
    return {
      orderType: 'stop' as const,
      price: undefined,
      stopPrice: atLeast(stopPrice),
      timeInForce: 'gtc' as const,
      status,
    };
  }
  if (chance > 0.55) {
    const timeInForce = random.chance(0.5) ? ('day' as const) : ('gtc' as const);
    return {orderType: 'limit' as const, price: atLeast(below), stopPrice: undefined, timeInForce, status};
  }
  const timeInForce = random.chance(0.2) ? ('ioc' as const) : ('day' as const);
  return {orderType: 'market' as const, price: undefined, stopPrice: undefined, timeInForce, status};
}

const atLeast = (price: Fixed): Fixed => (price > 100n ? price : 100n);
