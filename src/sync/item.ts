import type {Digits} from '../core/decimal.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import type {DeskEvent, MarketDataEvent, PositionEvent, TradeEvent} from '../events/event.ts';

/** When an event was published and received, and where it can be acknowledged. */
type Arrival = {
  readonly at: Micros;
  readonly receivedAt: Micros;
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

/** What of an event the synchroniser applies. */
export function itemOf(event: DeskEvent): Item {
  const {at, receivedAt} = event;
  if (event.kind === 'trades') return tradeItem(event.data, at, receivedAt);
  if (event.kind === 'positions') return positionItem(event.data, at, receivedAt);
  return markItem(event.data, at, receivedAt);
}

function tradeItem(data: TradeEvent, at: Micros, receivedAt: Micros): TradeItem {
  const executedAt = data.executedAt ?? at;
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
    at,
    receivedAt,
  };
}

function positionItem(data: PositionEvent, at: Micros, receivedAt: Micros): PositionItem {
  return {
    kind: 'positions',
    key: `${data.accountId}\u001f${data.symbol}`,
    accountId: data.accountId,
    symbol: data.symbol,
    quantity: data.quantity,
    avgPrice: data.avgPrice,
    realizedPnl: data.realizedPnl,
    asOf: data.lastUpdated ?? at,
    at,
    receivedAt,
  };
}

const markItem = (data: MarketDataEvent, at: Micros, receivedAt: Micros): MarkItem => ({
  kind: 'market_data',
  key: data.symbol,
  price: data.close,
  asOf: at,
  at,
  receivedAt,
});
