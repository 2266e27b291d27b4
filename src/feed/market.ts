import type {Fixed} from './fixed.ts';
import type {Random} from './random.ts';
import {INSTRUMENTS} from './universe.ts';

/** The prices of all symbols: random walks that are pulled back to where they began. */
export type Market = {
  readonly price: (symbol: string) => Fixed;
  /** Every symbol's price in ten-thousandths, in the order of SYMBOLS. */
  readonly prices: () => readonly number[];
  /** Moves every price by as much as `scale` steps of trading. */
  readonly move: (scale: number) => void;
};

const TICK = 100;
// At 5 trades a second these steps add up to about 2 % a day. The pull keeps a desk at 1,000 trades a second within a
// few percent.
const STEP = 0.00006;
const PULL = 0.00001;

// To whole ticks of a cent, at least one.
const rounded = (exact: number): number => Math.max(1, Math.round(exact / TICK)) * TICK;

/** Creates the market. `prices`: those at which an earlier run ended. */
export function createMarket(random: Random, prices: ReadonlyMap<string, Fixed> = new Map()): Market {
  const now = INSTRUMENTS.map(({symbol, price}) => {
    const last = prices.get(symbol);
    return last === undefined ? price * 10_000 : Number(last);
  });
  const indexes = new Map(INSTRUMENTS.map(({symbol}, i) => [symbol, i]));
  return {
    price: symbol => BigInt(rounded(now[indexes.get(symbol) as number] as number)),
    prices: () => now.map(rounded),
    move: scale => {
      const size = STEP * Math.sqrt(scale);
      for (const [i, {price, volatility}] of INSTRUMENTS.entries()) {
        const at = now[i] as number;
        const pull = Math.min(1, PULL * scale) * (price * 10_000 - at);
        now[i] = Math.max(TICK, at + pull + at * size * volatility * random.normal());
      }
    },
  };
}
