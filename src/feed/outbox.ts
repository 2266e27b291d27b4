import {setTimeout as delay} from 'node:timers/promises';
import {marketDataKind, positionsKind, tradesKind} from '../bus/kinds/index.ts';
import type {MarketDataEvent} from '../bus/kinds/market-data.ts';
import type {PositionEvent} from '../bus/kinds/positions.ts';
import type {TradeEvent} from '../bus/kinds/trades.ts';
import {type BusMessage, eventMessage} from '../bus/publish.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {RedisClient} from '../io/redis.ts';
import type {Bar} from './bars.ts';
import {valueAt} from './book.ts';
import type {Trade} from './desk.ts';
import {digitsOf} from './fixed.ts';
import type {Marked, WriteBatch} from './write.ts';

/** What was committed and is to be published: in its order, as soon as Redis takes it. */
export type Outbox = {
  readonly put: (messages: readonly BusMessage[]) => void;
  readonly counts: () => {readonly waiting: number; readonly published: number; readonly dropped: number};
  /** Publishes until `signal` says stop, then what is left, for at most `lastMs`. */
  readonly run: (signal: AbortSignal, lastMs: number) => Promise<void>;
};

const AT_ONCE = 500;
const RETRY_MS = 200;

/** Holds at most `most` messages while Redis is away: then the oldest go, as they would from a service that restarts. */
export function createOutbox(redis: Pick<RedisClient, 'publish'>, most = 50_000): Outbox {
  let waiting: BusMessage[] = [];
  let [published, dropped] = [0, 0];
  let wake: (() => void) | undefined;
  // A message leaves the queue when Redis has it, so that the one it was cut off with is sent again: twice is not lost.
  const send = async (): Promise<void> => {
    const now = waiting.slice(0, AT_ONCE);
    await Promise.all(now.map(({channel, text}) => redis.publish(channel, text)));
    const gone = new Set(now);
    waiting = waiting.filter(message => !gone.has(message));
    published += now.length;
  };
  const pump = async (over: () => boolean): Promise<void> => {
    while (!over()) {
      if (waiting.length > 0) await send().catch(() => delay(RETRY_MS));
      else await new Promise<void>(resolve => (wake = resolve));
    }
  };
  return {
    counts: () => ({waiting: waiting.length, published, dropped}),
    put: messages => {
      for (const message of messages) waiting.push(message);
      if (waiting.length > most) dropped += waiting.splice(0, waiting.length - most).length;
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
export function batchMessages({trades: made, positions: changed}: WriteBatch, at: Micros): readonly BusMessage[] {
  return [
    ...made.map(trade => eventMessage(tradesKind, tradeEvent(trade), at)),
    ...changed.map(marked => eventMessage(positionsKind, positionEvent(marked), at, marked.trade.tradeId)),
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
  winRate: trade.tradeType === 'opening' ? undefined : trade.realizedPnl > 0n ? '1' : '0',
});

const positionEvent = ({position, mark, trade}: Marked): PositionEvent => {
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
