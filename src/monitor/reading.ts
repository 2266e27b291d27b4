import {type Failure, failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {Clock} from './clock.ts';
import type {AnyPoller, AnyRows, PollSettings, Reader, Sources} from './poller.ts';
import {SourceError} from './source-error.ts';

/**
 * The shortest recent round trip to each server, in milliseconds: what a statement takes beyond it is the server's
 * work.
 */
export type Trips = {readonly trading: {ms: number}; readonly prefect: {ms: number}};

export const newTrips = (): Trips => ({
  trading: {ms: Number.POSITIVE_INFINITY},
  prefect: {ms: Number.POSITIVE_INFINITY},
});

export type PollContext = {
  readonly io: Sources;
  readonly settings: PollSettings;
  readonly clock: Clock;
  readonly trips: Trips;
};

/**
 * How a reading ended. `ms`: its duration; `pathMs`: how much of it was the path to PostgreSQL and the wait for a
 * connection of ours; `workMs`: PostgreSQL's estimated work for it.
 */
export type PollOutcome = {readonly ms: number; readonly pathMs: number; readonly workMs: number} & (
  | {readonly rows: AnyRows}
  | {readonly failure: Failure; readonly rows?: never}
);

/** A reading takes a few trips: its deadline grows by as many where the server is far away. */
const TRIPS = 8;

/**
 * Starts one reading. `outcome` resolves at the deadline at the latest, `settled` when the reading has really ended. The
 * deadline does not run while the reading waits for a connection of ours: that is no silence of the server's.
 */
export function startReading(
  read: Reader<AnyRows>,
  {timeoutMs}: AnyPoller,
  {io, settings, clock, trips}: PollContext,
): {readonly outcome: Promise<PollOutcome>; readonly settled: Promise<void>} {
  const start = clock.ticks();
  const far = Math.max(...[trips.trading.ms, trips.prefect.ms].filter(Number.isFinite), 0);
  const limitMs = timeoutMs + TRIPS * far;
  const spent = {workMs: 0, pathMs: 0};
  const {promise: over, resolve: late} = Promise.withResolvers<Failure>();
  const budget = createBudget(limitMs, clock, () => {
    const seconds = Math.round(limitMs / 100) / 10;
    late({why: 'timeout', message: `no answer within ${seconds} s`, next: '', retry: true});
  });
  const sources = {
    ...io,
    trading: timedIo(io.trading, {budget, spent, clock, trip: trips.trading}),
    prefect: timedIo(io.prefect, {budget, spent, clock, trip: trips.prefect}),
  };
  const reading = Promise.resolve().then(() => read(sources, settings, clock));
  const took = () => ({ms: clock.ticks() - start, ...spent});
  const outcome = Promise.race([
    reading.then(
      rows => ({...took(), rows}),
      error => ({...took(), failure: toFailure(error)}),
    ),
    over.then(failure => ({...took(), failure})),
  ]).finally(budget.end);
  const nothing = (): void => {};
  return {outcome, settled: reading.then(nothing, nothing)};
}

/** The time that a reading has left; it stands still while the reading waits for a connection. */
type Budget = {
  readonly left: () => number;
  readonly wait: () => void;
  readonly go: () => void;
  readonly end: () => void;
};

function createBudget(ms: number, clock: Clock, over: () => void): Budget {
  let [left, waiting, since] = [ms, 0, clock.ticks()];
  let cancel = clock.after(left, over);
  return {
    left: () => Math.max(1, left - (waiting > 0 ? 0 : clock.ticks() - since)),
    wait: () => {
      if (waiting++ > 0) return;
      left -= clock.ticks() - since;
      cancel();
    },
    go: () => {
      if (--waiting > 0) return;
      since = clock.ticks();
      cancel = clock.after(Math.max(1, left), over);
    },
    end: () => {
      waiting = Number.POSITIVE_INFINITY;
      cancel();
    },
  };
}

type Timing = {
  readonly budget: Budget;
  readonly spent: {workMs: number; pathMs: number};
  readonly clock: Clock;
  readonly trip: {ms: number};
};

/** An Io that gives each statement the reading's remaining time and measures the server's work. */
const timedIo = (io: Io, {budget, spent, clock, trip}: Timing): Io => ({
  ...io,
  query: (sql, params, options) => {
    const asked = clock.ticks();
    let held = false;
    const hold = (): void => {
      if (held) return;
      held = true;
      budget.go();
      spent.pathMs += clock.ticks() - asked;
    };
    budget.wait();
    return io
      .query(sql, params, {
        ...options,
        limitMs: () => {
          hold();
          return budget.left();
        },
        timed: ms => {
          // The shortest trip grows slowly, so that a path that has become longer does not count as work forever.
          trip.ms = Math.min(ms, trip.ms * 1.02 + 0.01);
          spent.workMs += ms - trip.ms;
          spent.pathMs += trip.ms;
          options?.timed?.(ms);
        },
      })
      .finally(hold);
  },
});

function toFailure(error: unknown): Failure {
  const failure = error instanceof SourceError ? error.failure : failureOf(error);
  return {...failure, message: sanitise(failure.message, 500)};
}
