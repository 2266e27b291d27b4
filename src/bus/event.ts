import type {Digits} from '../core/decimal.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';

/** A trade as the bus carries it: the columns of execution.trades, and what the publisher knows beside them. */
export type TradeEvent = {
  readonly tradeId: SafeText;
  readonly orderId: SafeText | undefined;
  readonly accountId: SafeText;
  readonly symbol: SafeText;
  readonly side: 'buy' | 'sell' | undefined;
  readonly quantity: Digits;
  readonly price: Digits;
  readonly commission: Digits | undefined;
  readonly executedAt: Micros | undefined;
  readonly strategy: SafeText | undefined;
  readonly tradeType: SafeText | undefined;
  readonly totalValue: Digits | undefined;
  readonly realizedPnl: Digits | undefined;
  readonly winRate: Digits | undefined;
};

export type PositionEvent = {
  readonly accountId: SafeText;
  readonly symbol: SafeText;
  readonly quantity: Digits;
  readonly avgPrice: Digits;
  readonly marketValue: Digits | undefined;
  readonly unrealizedPnl: Digits | undefined;
  readonly realizedPnl: Digits | undefined;
  readonly lastUpdated: Micros | undefined;
};

export type MarketDataEvent = {
  readonly symbol: SafeText;
  /** The bar's start. */
  readonly at: Micros | undefined;
  readonly open: Digits | undefined;
  readonly high: Digits | undefined;
  readonly low: Digits | undefined;
  readonly close: Digits;
  readonly volume: Digits | undefined;
};

/** The envelope of every message, `Data` decoded by its kind. */
export type BusEvent<Kind extends string = string, Data = unknown> = {
  readonly kind: Kind;
  readonly channel: SafeText;
  readonly type: SafeText;
  readonly service: SafeText;
  /** The envelope's `timestamp`: UTC where it names no zone. */
  readonly at: Micros;
  readonly receivedAt: Micros;
  readonly correlationId: SafeText | undefined;
  readonly data: Data;
};

export type DeskEvent =
  | BusEvent<'trades', TradeEvent>
  | BusEvent<'positions', PositionEvent>
  | BusEvent<'market_data', MarketDataEvent>;

/**
 * Why a message was not taken. `oversized`: over 1 MiB; `not_json`; `not_envelope`: a field of the envelope is missing or
 * wrong; `bad_data`: a field of its data is; `unknown_type`: another type on a channel that we know; `unknown_channel`.
 */
export type RejectReason = 'oversized' | 'not_json' | 'not_envelope' | 'bad_data' | 'unknown_type' | 'unknown_channel';

export type Reject = {
  readonly reason: RejectReason;
  readonly channel: SafeText;
  /** What is wrong, in words: `data.price: must be a finite decimal number`. */
  readonly detail: SafeText;
  /** The beginning of the message, at most 2,048 characters. */
  readonly text: SafeText;
  readonly bytes: number;
  readonly at: Micros;
};

/** The subscription's own state. `ready` means that the server has confirmed every channel. */
export type BusLink = {
  readonly state: 'connecting' | 'ready' | 'down' | 'denied';
  readonly since: Micros;
  readonly error: SafeText | undefined;
  readonly retryAt: Micros | undefined;
  /** Connections lost since the start. */
  readonly drops: number;
  /** Round trip of the last PING on the subscribing connection, in milliseconds. */
  readonly latencyMs: number | undefined;
};
