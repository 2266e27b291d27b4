import type {Micros} from '../../core/time.ts';
import type {Bar} from './bars.ts';
import type {Desk, Step} from './desk.ts';
import type {Fixed} from './fixed.ts';
import {createRandom} from './random.ts';
import {SYMBOLS} from './universe.ts';

/** What a desk with no past gets at its start, so that every pane has something to show at once. */
export type History = {readonly bars: readonly Bar[]; readonly steps: readonly Step[]};

const MINUTE: Micros = 60_000_000;
const DAY_MINUTES = 1440;
const TRADING_MINUTES = 360;
const TRADES_A_MINUTE = 1.2;
// What a minute of a desk with five trades a second moves, in four pieces.
const PIECES = 4;
const STEPS_A_PIECE = 75;

/**
 * The day before `now`: a bar a minute of every symbol, and some four hundred trades over the last six hours, made by
 * the desk itself, whose next steps go on from there.
 */
export function createHistory(desk: Desk, seed: number, now: Micros): History {
  const random = createRandom(seed, 'history');
  const bars: Bar[] = [];
  const steps: Step[] = [];
  const thisMinute = Math.floor(now / MINUTE) * MINUTE;
  for (let ago = DAY_MINUTES; ago >= 1; ago--) {
    const start = thisMinute - ago * MINUTE;
    const prices = SYMBOLS.map((): Fixed[] => []);
    const look = (): void => {
      for (const [i, symbol] of SYMBOLS.entries()) prices[i]?.push(desk.market.price(symbol));
    };
    look();
    for (let piece = 0; piece < PIECES; piece++) {
      desk.market.move(STEPS_A_PIECE);
      look();
    }
    if (ago <= TRADING_MINUTES) {
      const trades = Math.floor(TRADES_A_MINUTE + random.next());
      for (let i = 0; i < trades; i++)
        steps.push(desk.step(start + Math.floor(((i + random.next()) * MINUTE) / trades)));
      look();
    }
    for (const [i, symbol] of SYMBOLS.entries()) {
      bars.push(barOf(symbol, start, prices[i] as Fixed[], random.int(200, 40_000)));
    }
  }
  return {bars, steps};
}

function barOf(symbol: string, at: Micros, prices: readonly Fixed[], volume: number): Bar {
  const sorted = prices.toSorted((a, b) => Number(a - b));
  const [open, close] = [prices[0] as Fixed, prices.at(-1) as Fixed];
  return {symbol, at, open, high: sorted.at(-1) as Fixed, low: sorted[0] as Fixed, close, volume};
}
