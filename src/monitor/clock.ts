import {type Micros, nowMicros} from '../core/time.ts';

/** Time and chance as the poll loops use them, so that tests can turn the hands. */
export type Clock = {
  /** Wall clock. */
  readonly now: () => Micros;
  /** Milliseconds that only go forward, with fractions. */
  readonly ticks: () => number;
  /** Runs once, `ms` milliseconds from now; returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** 0…1, 1 not included. */
  readonly random: () => number;
};

export const systemClock: Clock = {
  now: nowMicros,
  ticks: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
