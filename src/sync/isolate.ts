import {failureOf} from '../core/errors.ts';
import type {Pg} from '../io/pg.ts';
import {applyBatch} from './apply.ts';
import {type Batch, batchOf, eventsOf} from './batch.ts';
import {type BatchOutcome, NO_OUTCOME, NONE_OF_ANY_KIND, outcomeOfBoth} from './outcome.ts';
import {isPoison, quarantine} from './quarantine.ts';
import {inTransaction} from './session.ts';
import type {SyncEvent} from './sync-event.ts';

/** query_canceled: the server ended a statement at its timeout. */
const QUERY_CANCELED = '57014';

/** Whether the server ended a statement at its timeout: with fewer events the time may be enough. */
export const isTooSlow = (error: unknown): boolean => failureOf(error).sqlstate === QUERY_CANCELED;

/** Timeouts for a single event, in milliseconds: longer than a batch's, since it cannot be halved. */
const SINGLE_EVENT = {statementMs: 120_000, answerMs: 125_000} as const;

/**
 * Applies a batch in one transaction. Where an event in it is at fault, or the statement timeout is too short for all, the
 * batch is halved until that event stands alone and goes into quarantine with the reason; all others are applied.
 * Throws errors that are no event's fault: the whole batch can be tried again.
 */
export async function applyIsolated(db: Pg, batch: Batch): Promise<BatchOutcome> {
  try {
    return await applyInOne(db, batch);
  } catch (error) {
    const slow = isTooSlow(error);
    if (!isPoison(error) && !slow) throw error;
    const events = eventsOf(batch);
    if (events.length < 2) {
      if (slow) return outcomeOfBoth(NO_OUTCOME, await applyInOne(db, batch, SINGLE_EVENT));
      const kind = await quarantine(db, events[0], error);
      const quarantinedByKind = {...NONE_OF_ANY_KIND, [kind]: 1};
      return {...NO_OUTCOME, quarantined: 1, quarantinedByKind, transactions: 1};
    }
    const both = await inTurn(halved(events), half => applyIsolated(db, batchOf(half)));
    return outcomeOfBoth(...both);
  }
}

type Halves<T> = readonly [readonly T[], readonly T[]];

/** Two halves, in their order; the first one has the odd element. */
export function halved<T>(list: readonly T[]): Halves<T> {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

/** Applies the second half even where the first one failed; then throws the first one's error. */
async function inTurn(
  [first, second]: Halves<SyncEvent>,
  applyHalf: (half: readonly SyncEvent[]) => Promise<BatchOutcome>,
) {
  let failed: {readonly error: unknown} | undefined;
  const done = await applyHalf(first).catch((error: unknown) => {
    if (failureOf(error).sqlstate === undefined) throw error;
    failed = {error};
    return NO_OUTCOME;
  });
  const rest = await applyHalf(second);
  if (failed) throw failed.error;
  return [done, rest] as const;
}

async function applyInOne(db: Pg, batch: Batch, timeouts?: typeof SINGLE_EVENT): Promise<BatchOutcome> {
  const applied = await inTransaction(
    db,
    async ask => {
      if (timeouts) await ask('sync/statement_timeout', [`${timeouts.statementMs}ms`]);
      return applyBatch(ask, batch);
    },
    timeouts?.answerMs,
  );
  return {...applied, quarantined: 0, quarantinedByKind: NONE_OF_ANY_KIND, transactions: 1};
}
