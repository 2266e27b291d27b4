import {type Micros, nowMicros} from '../core/time.ts';

/** Time and chance for the poll loops; tests replace it by a clock of their own. */
export type Clock = {
  /** Wall clock. */
  readonly now: () => Micros;
  /** Monotonic milliseconds, with fractions. */
  readonly ticks: () => number;
  /** Runs once, `ms` milliseconds from now; returns a function that cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** From 0 to below 1. */
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

/** At most one pending call. */
export function createTimer(clock: Clock) {
  let cancel = (): void => {};
  return {
    cancel: (): void => cancel(),
    start: (ms: number, run: () => void): void => {
      cancel();
      cancel = clock.after(ms, run);
    },
  };
}

/** Whether `promise` ended within `ms` milliseconds. */
export function endsWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  return new Promise(done => {
    const cancel = clock.after(ms, () => done(false));
    const ended = (): void => {
      cancel();
      done(true);
    };
    promise.then(ended, ended);
  });
}
