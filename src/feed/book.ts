import {divide, type Fixed, times} from './fixed.ts';

/** An account's position in a symbol. Long only: the quantity is never below zero. */
export type BookPosition = {
  readonly accountId: string;
  readonly symbol: string;
  readonly quantity: Fixed;
  /** Average cost, commissions of the buys included. A closed position keeps its last one. */
  readonly avgPrice: Fixed;
  /** Since the position was first opened. */
  readonly realizedPnl: Fixed;
};

export type Fill = {
  readonly side: 'buy' | 'sell';
  readonly quantity: Fixed;
  readonly price: Fixed;
  readonly commission: Fixed;
};

export type FilledOrder = {
  readonly position: BookPosition;
  /** Of this fill alone. */
  readonly realizedPnl: Fixed;
  readonly tradeType: 'opening' | 'closing' | 'partial';
};

/** A position that holds nothing. */
export const flat = (accountId: string, symbol: string): BookPosition => ({
  accountId,
  symbol,
  quantity: 0n,
  avgPrice: 0n,
  realizedPnl: 0n,
});

/**
 * Books a fill by average cost. A buy raises the average: (quantity × average + value + commission) / new quantity,
 * rounded to four decimals. A sell realises (price − average) × quantity − commission and leaves the average alone.
 * Throws a RangeError when more is sold than held.
 */
export function book(position: BookPosition, fill: Fill): FilledOrder {
  const {side, quantity, price, commission} = fill;
  if (side === 'buy') {
    const held = position.quantity + quantity;
    const cost = position.quantity * position.avgPrice + quantity * price + commission * 10_000n;
    return {
      position: {...position, quantity: held, avgPrice: divide(cost, held)},
      realizedPnl: 0n,
      tradeType: 'opening',
    };
  }
  if (quantity > position.quantity) throw new RangeError(`${position.symbol}: more sold than held`);
  const realizedPnl = times(price - position.avgPrice, quantity) - commission;
  const held = position.quantity - quantity;
  return {
    position: {...position, quantity: held, realizedPnl: position.realizedPnl + realizedPnl},
    realizedPnl,
    tradeType: held === 0n ? 'closing' : 'partial',
  };
}

/** A position's value at a price, and its profit above cost. */
export function valueAt(
  {quantity, avgPrice}: BookPosition,
  price: Fixed,
): {readonly value: Fixed; readonly unrealized: Fixed} {
  const value = times(quantity, price);
  return {value, unrealized: value - times(quantity, avgPrice)};
}

/** The broker's commission: half a cent a share, at least 0.35, at most 1 % of the trade's value. */
export function commissionOf(quantity: Fixed, price: Fixed): Fixed {
  const perShare = times(quantity, 50n);
  const ceiling = divide(times(quantity, price), 100n);
  const floor = 3500n;
  const charged = perShare > floor ? perShare : floor;
  return charged < ceiling ? charged : ceiling;
}
