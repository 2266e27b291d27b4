import type {Micros} from '../core/time.ts';
import type {Bar} from './bars.ts';
import type {Desk, DeskStep} from './desk.ts';
import {createRandom} from './random.ts';
import {SYMBOLS} from './universe.ts';

/** The invented past of a new desk, so that every pane has something to show at once. */
type History = {
  /** Oldest first. */
  readonly bars: readonly Bar[];
  readonly steps: readonly DeskStep[];
};

const MINUTE: Micros = 60_000_000;
const DAY_MINUTES = 1440;
const TRADING_MINUTES = 360;
const TRADES_A_MINUTE = 1.2;
// A minute of a desk with five trades a second moves its prices by 300 steps: here in four pieces of 75.
const PIECES = 4;
const STEPS_A_PIECE = 75;

/**
 * Makes the day before `now`: one bar a minute for every symbol, and about four hundred trades over the last six hours.
 * The desk itself makes them, and its next steps continue from there.
 */
export function createHistory(desk: Desk, seed: number, now: Micros): History {
  const random = createRandom(seed, 'history');
  const bars: Bar[] = [];
  const steps: DeskStep[] = [];
  const thisMinute = Math.floor(now / MINUTE) * MINUTE;
  for (let ago = DAY_MINUTES; ago >= 1; ago--) {
    const start = thisMinute - ago * MINUTE;
    const snapshots = [desk.market.prices()];
    for (let piece = 0; piece < PIECES; piece++) {
      desk.market.move(STEPS_A_PIECE);
      snapshots.push(desk.market.prices());
    }
    if (ago <= TRADING_MINUTES) {
      const trades = Math.floor(TRADES_A_MINUTE + random.next());
      for (let i = 0; i < trades; i++)
        steps.push(desk.step(start + Math.floor(((i + random.next()) * MINUTE) / trades)));
      snapshots.push(desk.market.prices());
    }
    for (const [i, symbol] of SYMBOLS.entries()) {
      const prices = snapshots.map(snapshot => snapshot[i] as number);
      const [open, close] = [prices[0] as number, prices.at(-1) as number];
      const [high, low] = [Math.max(...prices), Math.min(...prices)];
      bars.push({symbol, at: start, open, high, low, close, volume: random.int(200, 40_000)});
    }
  }
  return {bars, steps};
}
