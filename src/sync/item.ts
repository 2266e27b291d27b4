import type {DeskEvent} from '../bus/event.ts';
import type {MarketDataEvent} from '../bus/kinds/market-data.ts';
import type {PositionEvent} from '../bus/kinds/positions.ts';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import type {Digits} from '../core/decimal.ts';
import {isoMicros, type Micros} from '../core/time.ts';

type Arrival = {
  /** When its publisher says that it was published. */
  readonly at: Micros;
  readonly receivedAt: Micros;
  /** It was not published before this, whatever its publisher's clock says. */
  readonly since: Micros;
};

/** A trade as it is applied. Undefined money was not told by the event. */
export type TradeItem = Arrival & {
  readonly kind: 'trades';
  /** The identity: trade_id. */
  readonly key: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly strategy: string;
  /** The UTC day that it counts for: of its execution, else of its event. */
  readonly date: string;
  readonly side: 'buy' | 'sell' | undefined;
  readonly quantity: Digits;
  readonly price: Digits;
  readonly commission: Digits | undefined;
  readonly executedAt: Micros;
  readonly tradeType: string | undefined;
  readonly totalValue: Digits | undefined;
  readonly realizedPnl: Digits | undefined;
  readonly winRate: Digits | undefined;
};

/** A position as of a time; only the newest of an account's symbol matters. */
export type PositionItem = Arrival & {
  readonly kind: 'positions';
  readonly key: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly quantity: Digits;
  readonly avgPrice: Digits;
  readonly realizedPnl: Digits | undefined;
  /** The row's last_updated, which the table can be compared by; else the event's own time. */
  readonly asOf: Micros;
};

/** A symbol's last price as of its event's time; only the newest matters. */
export type MarkItem = Arrival & {
  readonly kind: 'market_data';
  readonly key: string;
  readonly price: Digits;
  readonly asOf: Micros;
};

export type Item = TradeItem | PositionItem | MarkItem;

/** Stands for the strategy of trades that have none: performance is kept by strategy. */
export const NO_STRATEGY = '(none)';

/** What of an event the synchroniser applies. `since`: when, by what the bus itself tells, it was published at the earliest. */
export function itemOf(event: DeskEvent, since: Micros = event.at): Item {
  const arrival = {at: event.at, receivedAt: event.receivedAt, since: Math.min(since, event.receivedAt)};
  if (event.kind === 'trades') return tradeItem(event.data, arrival);
  if (event.kind === 'positions') return positionItem(event.data, arrival);
  return markItem(event.data, arrival);
}

/** The earliest that any of these was published. */
export function leastSince(items: Iterable<Item>): Micros | undefined {
  let least: Micros | undefined;
  for (const {since} of items) if (least === undefined || since < least) least = since;
  return least;
}

function tradeItem(data: TradeEvent, arrival: Arrival): TradeItem {
  const executedAt = data.executedAt ?? arrival.at;
  return {
    kind: 'trades',
    key: data.tradeId,
    accountId: data.accountId,
    symbol: data.symbol,
    strategy: data.strategy || NO_STRATEGY,
    date: isoMicros(executedAt).slice(0, 10),
    side: data.side,
    quantity: data.quantity,
    price: data.price,
    commission: data.commission,
    executedAt,
    tradeType: data.tradeType,
    totalValue: data.totalValue,
    realizedPnl: data.realizedPnl,
    winRate: data.winRate,
    ...arrival,
  };
}

function positionItem(data: PositionEvent, arrival: Arrival): PositionItem {
  return {
    kind: 'positions',
    key: `${data.accountId}\u001f${data.symbol}`,
    accountId: data.accountId,
    symbol: data.symbol,
    quantity: data.quantity,
    avgPrice: data.avgPrice,
    realizedPnl: data.realizedPnl,
    asOf: data.lastUpdated ?? arrival.at,
    ...arrival,
  };
}

const markItem = (data: MarketDataEvent, arrival: Arrival): MarkItem => ({
  kind: 'market_data',
  key: data.symbol,
  price: data.close,
  asOf: arrival.at,
  ...arrival,
});
