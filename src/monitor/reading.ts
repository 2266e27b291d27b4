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

/** How a reading ended. `ms`: its duration; `workMs`: PostgreSQL's estimated work for it. */
export type PollOutcome = {readonly ms: number; readonly workMs: number} & (
  | {readonly rows: AnyRows}
  | {readonly failure: Failure; readonly rows?: never}
);

/**
 * Starts one reading. `outcome` resolves at the deadline at the latest, `settled` when the reading has really ended.
 */
export function startReading(
  read: Reader<AnyRows>,
  {timeoutMs}: AnyPoller,
  {io, settings, clock, trips}: PollContext,
): {readonly outcome: Promise<PollOutcome>; readonly settled: Promise<void>} {
  const start = clock.ticks();
  let workMs = 0;
  const left = (): number => Math.max(1, start + timeoutMs - clock.ticks());
  const worked = (ms: number): void => {
    workMs += ms;
  };
  const sources = {
    ...io,
    trading: timedIo(io.trading, left, trips.trading, worked),
    prefect: timedIo(io.prefect, left, trips.prefect, worked),
  };
  const reading = Promise.resolve().then(() => read(sources, settings, clock));
  const took = () => ({ms: clock.ticks() - start, workMs});
  const outcome = new Promise<PollOutcome>(done => {
    const late: Failure = {why: 'timeout', message: `no answer within ${timeoutMs / 1000} s`, next: '', retry: true};
    const cancel = clock.after(timeoutMs, () => done({...took(), failure: late}));
    reading
      .then(
        rows => done({...took(), rows}),
        error => done({...took(), failure: toFailure(error)}),
      )
      .finally(cancel);
  });
  const nothing = (): void => {};
  return {outcome, settled: reading.then(nothing, nothing)};
}

/** An Io that gives each statement the reading's remaining time and measures the server's work. */
const timedIo = (io: Io, left: () => number, trip: {ms: number}, worked: (ms: number) => void): Io => ({
  ...io,
  query: (sql, params, options) =>
    io.query(sql, params, {
      ...options,
      timeoutMs: left(),
      timed: ms => {
        // The shortest trip grows slowly, so that a path that has become longer does not count as work forever.
        trip.ms = Math.min(ms, trip.ms * 1.02 + 0.01);
        worked(ms - trip.ms);
        options?.timed?.(ms);
      },
    }),
});

function toFailure(error: unknown): Failure {
  const failure = error instanceof SourceError ? error.failure : failureOf(error);
  return {...failure, message: sanitise(failure.message, 500)};
}
