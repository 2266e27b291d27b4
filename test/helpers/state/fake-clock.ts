import type {Clock} from '../../../src/monitor/clock.ts';

/** A clock that the test moves. It starts at 2026-01-01T00:00:00Z. */
export type FakeClock = Clock & {
  /** Moves on by `ms` milliseconds: runs the timers that are due, in order, each with its consequences. */
  readonly pass: (ms: number) => Promise<void>;
  /** Number of pending timers. */
  readonly waiting: () => number;
};

const BEGIN = Date.UTC(2026, 0, 1) * 1000;

export function fakeClock(random: () => number = () => 0.5): FakeClock {
  const timers = new Map<number, {readonly at: number; readonly run: () => void}>();
  let [ticks, next] = [0, 0];
  const soonest = () => [...timers].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  return {
    now: () => BEGIN + Math.round(ticks * 1000),
    ticks: () => ticks,
    random,
    after: (ms, run) => {
      const id = next++;
      timers.set(id, {at: ticks + ms, run});
      return () => timers.delete(id);
    },
    waiting: () => timers.size,
    pass: async ms => {
      const end = ticks + ms;
      await settle();
      for (let first = soonest(); first && first[1].at <= end; first = soonest()) {
        timers.delete(first[0]);
        ticks = Math.max(ticks, first[1].at);
        first[1].run();
        await settle();
      }
      ticks = end;
    },
  };
}

// One turn of the event loop settles every promise that is ready, and those that depend on it.
const settle = (): Promise<void> => new Promise(done => setImmediate(done));
