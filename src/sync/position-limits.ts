import {failureOf} from '../core/errors.ts';
import type {Log} from '../io/log.ts';
import type {Pg} from '../io/pg.ts';
import {type Loop, startTaskLoop} from './loop.ts';
import {createTold} from './marking.ts';
import {inTransaction} from './session.ts';

/** Measures position limits, beside the batches and on a connection of its own: no trade waits for it. */
export type PositionLimits = Loop & {
  /** A position, a trade or the price of these symbols was committed. */
  readonly tell: (symbols: readonly string[]) => void;
};

type PositionLimitsOptions = {
  readonly db: Pg;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Between two measurings of all limits, in milliseconds. */
  readonly sweepMs: number;
};

/** Limits are measured at most so often. */
const EVERY_MS = 500;
/** A missing right or table stays missing until somebody grants or makes it. */
const MISSING_MS = 60_000;

/**
 * Starts to measure. A breach is recorded in risk_management.risk_events when it begins, and settled when it is over, once
 * each however many workers run: they take turns by the limits' row locks, and each measures what is committed by then.
 */
export function startPositionLimits({db, log, sweepMs}: PositionLimitsOptions): PositionLimits {
  const told = createTold(sweepMs);
  let missingUntil = 0;
  const measure = async (): Promise<void> => {
    if (performance.now() < missingUntil) return;
    const symbols = told.take();
    if (symbols === undefined) return;
    try {
      for (const {limit_id: limit, event_id: event, began} of await measured(db, symbols)) {
        if (began === true) log.warn({limit, event}, 'position limit breached');
        else log.info({limit, event}, 'position limit no longer breached');
      }
    } catch (error) {
      told.putBack(symbols);
      const {why} = failureOf(error);
      if (why === 'denied' || why === 'not_set_up') missingUntil = performance.now() + MISSING_MS;
      throw error;
    }
  };
  return {tell: told.add, ...startTaskLoop('position limits', EVERY_MS, log, measure)};
}

/** The breaches that began or ended. The measuring sees what others committed before it got the locks. */
const measured = (db: Pg, symbols: readonly string[] | null) =>
  inTransaction(db, async ask => {
    const limits = await ask('sync/position_limits_lock');
    return limits.length === 0 ? [] : ask('sync/position_limits', [symbols]);
  });
