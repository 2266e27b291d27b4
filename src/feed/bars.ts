import type {Micros} from '../core/time.ts';
import type {Market} from './market.ts';
import type {Random} from './random.ts';
import {SYMBOLS} from './universe.ts';

/** One symbol's minute. */
export type Bar = {
  readonly symbol: string;
  /** The minute's start. */
  readonly at: Micros;
  /** Prices in ten-thousandths, whole numbers. */
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
};

/** Keeps each symbol's bar of the current minute. */
export type Bars = {
  /** Takes the market's prices. Returns the bars that are new or have changed since the last call. */
  readonly update: (at: Micros) => readonly Bar[];
};

const MINUTE: Micros = 60_000_000;

/** Where a desk that trades every minute has not for so long, quotes move by so many ticks at most, of so many ten-thousandths. */
const STILL: Micros = 2_000_000;
const [MOST_TICKS, TICK] = [2, 100];

/**
 * `random` is for volumes and quotes alone: how often bars are updated must not change the desk's random numbers. Quotes go on
 * while the desk cannot trade: the market does not wait for it.
 */
export function createBars(market: Market, random: Random): Bars {
  const running = new Map<string, Bar>();
  let last = market.prices();
  let [movedAt, trades] = [Number.NEGATIVE_INFINITY, false];
  const quotesAt = (at: Micros): readonly number[] => {
    const prices = market.prices();
    if (!prices.every((price, i) => price === last[i])) {
      trades = at - movedAt < MINUTE;
      [last, movedAt] = [prices, at];
    }
    if (!trades || at - movedAt < STILL) return prices;
    return prices.map(price => Math.max(TICK, price + TICK * random.int(-MOST_TICKS, MOST_TICKS)));
  };
  return {
    update: at => {
      const minute = Math.floor(at / MINUTE) * MINUTE;
      const changed: Bar[] = [];
      const prices = quotesAt(at);
      for (const [i, symbol] of SYMBOLS.entries()) {
        const price = prices[i] as number;
        const before = running.get(symbol);
        const bar =
          before?.at === minute ? grown(before, price, random) : opened(symbol, minute, before?.close ?? price, price);
        if (bar === before) continue;
        running.set(symbol, bar);
        changed.push(bar);
      }
      return changed;
    },
  };
}

function opened(symbol: string, at: Micros, open: number, price: number): Bar {
  const [low, high] = open < price ? [open, price] : [price, open];
  return {symbol, at, open, high, low, close: price, volume: 0};
}

function grown(bar: Bar, price: number, random: Random): Bar {
  if (price === bar.close) return bar;
  return {
    ...bar,
    high: price > bar.high ? price : bar.high,
    low: price < bar.low ? price : bar.low,
    close: price,
    volume: bar.volume + random.int(1, 800),
  };
}
