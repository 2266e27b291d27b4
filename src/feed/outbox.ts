import {setTimeout as delay} from 'node:timers/promises';
import {marketDataKind, positionsKind, tradesKind} from '../bus/kinds/index.ts';
import type {MarketDataEvent} from '../bus/kinds/market-data.ts';
import type {PositionEvent} from '../bus/kinds/positions.ts';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import {type BusMessage, eventMessage, type Publisher} from '../bus/publish.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {Bar} from './bars.ts';
import {valueAt} from './book.ts';
import {type Trade, winRateOf} from './desk.ts';
import {digitsOf} from './fixed.ts';
import type {MarkedPosition, WriteBatch} from './write.ts';

/** Committed events that wait to be published, in their order, as soon as Redis accepts them. */
export type Outbox = {
  readonly put: (messages: readonly BusMessage[]) => void;
  readonly counts: () => {readonly published: number; readonly dropped: number};
  /** Publishes until `signal` aborts, then what is left, for at most `lastMs`. */
  readonly run: (signal: AbortSignal, lastMs: number) => Promise<void>;
};

const BATCH = 500;
const RETRY_MS = 200;

/** Keeps at most `limit` messages while Redis is away; then it drops the oldest, as a service that restarts would. */
export function createOutbox(redis: Publisher, limit = 50_000): Outbox {
  let waiting: BusMessage[] = [];
  let [published, dropped] = [0, 0];
  let wake: (() => void) | undefined;
  // A message leaves the queue when Redis has acknowledged it: one that was cut off is sent again, rather twice than
  // not.
  const send = async (): Promise<void> => {
    const now = waiting.slice(0, BATCH);
    await Promise.all(now.map(({channel, text}) => redis.publish(channel, text)));
    const sent = new Set(now);
    waiting = waiting.filter(message => !sent.has(message));
    published += now.length;
  };
  const pump = async (over: () => boolean): Promise<void> => {
    while (!over()) {
      if (waiting.length > 0) await send().catch(() => delay(RETRY_MS));
      else await new Promise<void>(resolve => (wake = resolve));
    }
  };
  return {
    counts: () => ({published, dropped}),
    put: messages => {
      for (const message of messages) waiting.push(message);
      if (waiting.length > limit) dropped += waiting.splice(0, waiting.length - limit).length;
      wake?.();
    },
    run: async (signal, lastMs) => {
      const pumping = pump(() => signal.aborted && waiting.length === 0);
      const late = new Promise<void>(resolve => {
        const end = (): void => {
          wake?.();
          setTimeout(resolve, lastMs).unref();
        };
        if (signal.aborted) end();
        else signal.addEventListener('abort', end, {once: true});
      });
      await Promise.race([pumping, late]);
    },
  };
}

/** The events of a batch that was committed at `at`. */
export function batchMessages({trades, positions}: WriteBatch, at: Micros): readonly BusMessage[] {
  return [
    ...trades.map(trade => eventMessage(tradesKind, tradeEvent(trade), at)),
    ...positions.map(marked => eventMessage(positionsKind, positionEvent(marked), at, marked.trade.tradeId)),
  ];
}

/** The events of bars that were committed at `at`. */
export const barMessages = (bars: readonly Bar[], at: Micros): readonly BusMessage[] =>
  bars.map(bar => eventMessage(marketDataKind, barEvent(bar), at));

const text = (value: string): SafeText => sanitise(value);

const tradeEvent = (trade: Trade): TradeEvent => ({
  tradeId: text(trade.tradeId),
  orderId: text(trade.orderId),
  accountId: text(trade.accountId),
  symbol: text(trade.symbol),
  side: trade.side,
  quantity: digitsOf(trade.quantity),
  price: digitsOf(trade.price),
  commission: digitsOf(trade.commission),
  executedAt: trade.executedAt,
  strategy: text(trade.strategy),
  tradeType: text(trade.tradeType),
  totalValue: digitsOf(trade.totalValue),
  realizedPnl: digitsOf(trade.realizedPnl),
  winRate: winRateOf(trade),
});

const positionEvent = ({position, mark, trade}: MarkedPosition): PositionEvent => {
  const {value, unrealized} = valueAt(position, mark);
  return {
    accountId: text(position.accountId),
    symbol: text(position.symbol),
    quantity: digitsOf(position.quantity),
    avgPrice: digitsOf(position.avgPrice),
    marketValue: digitsOf(value),
    unrealizedPnl: digitsOf(unrealized),
    realizedPnl: digitsOf(position.realizedPnl),
    lastUpdated: trade.executedAt,
  };
};

const barEvent = (bar: Bar): MarketDataEvent => ({
  symbol: text(bar.symbol),
  at: bar.at,
  open: digitsOf(bar.open),
  high: digitsOf(bar.high),
  low: digitsOf(bar.low),
  close: digitsOf(bar.close),
  volume: String(bar.volume),
});
