import {failureOf} from '../core/errors.ts';
import type {Pg} from '../io/pg.ts';
import {applyBatch} from './apply.ts';
import {type Batch, batchOf, eventsOf} from './batch.ts';
import {knownTradeOf} from './known-trade.ts';
import {type BatchOutcome, NO_OUTCOME, NONE_OF_ANY_KIND, outcomeOf, outcomeOfBoth} from './outcome.ts';
import {isPoison, quarantine} from './quarantine.ts';
import {inTransaction} from './session.ts';
import {eventOfRow} from './settle.ts';
import type {SyncEvent} from './sync-event.ts';

/** query_canceled: the server ended a statement at its timeout. */
const QUERY_CANCELED = '57014';

/** Whether the server ended a statement at its timeout: with fewer events the time may be enough. */
export const isTooSlow = (error: unknown): boolean => failureOf(error).sqlstate === QUERY_CANCELED;

/** Timeouts for a single event, in milliseconds: longer than a batch's, since it cannot be halved. */
const SINGLE_EVENT = {statementMs: 120_000, answerMs: 125_000} as const;

/**
 * Applies a batch in one transaction. Where an event or a row in it is at fault, or the statement timeout is too short for
 * all, the batch is halved until that one stands alone and goes into quarantine with the reason; all others are applied.
 * Throws errors that are no event's fault: the whole batch can be tried again.
 */
export async function applyIsolated(db: Pg, batch: Batch): Promise<BatchOutcome> {
  try {
    return await applyInOne(db, batch);
  } catch (error) {
    const slow = isTooSlow(error);
    if (!isPoison(error) && !slow) throw error;
    const items = itemsOf(batch);
    const [only] = items;
    if (only === undefined) throw error;
    if (items.length > 1)
      return outcomeOfBoth(
        ...(await inTurn(halved(items), half =>
          applyIsolated(db, {...batchFrom(half), ...(batch.arrivals ? {arrivals: batch.arrivals} : {})}),
        )),
      );
    if (slow) return outcomeOfBoth(NO_OUTCOME, await applyInOne(db, batch, SINGLE_EVENT));
    return quarantineOne(db, only, error);
  }
}

/** An event, or the id of a row. */
type Item = SyncEvent | string;

const itemsOf = (batch: Batch): readonly Item[] => [...eventsOf(batch), ...batch.rows];

const isRow = (item: Item): item is string => typeof item === 'string';

const batchFrom = (items: readonly Item[]): Batch =>
  batchOf(
    items.filter((item): item is SyncEvent => !isRow(item)),
    items.filter(isRow),
  );

async function quarantineOne(db: Pg, item: Item, error: unknown): Promise<BatchOutcome> {
  const event = isRow(item) ? await eventOf(db, item) : item;
  // The row is gone meanwhile.
  if (!event) return NO_OUTCOME;
  await quarantine(db, event, error);
  const refused = [{kind: event.kind, key: event.key, why: failureOf(error).message, byEvent: !isRow(item)}];
  const quarantinedByKind = {...NONE_OF_ANY_KIND, [event.kind]: 1};
  return {...NO_OUTCOME, refused, quarantined: 1, quarantinedByKind, transactions: 1};
}

async function eventOf(db: Pg, key: string): Promise<SyncEvent | undefined> {
  const [raw] = await db.query('sync/known', [[key], [null]]);
  const row = raw && knownTradeOf(raw).row;
  return row && eventOfRow(key, row);
}

type Halves<T> = readonly [readonly T[], readonly T[]];

/** Two halves, in their order; the first one has the odd element. */
export function halved<T>(list: readonly T[]): Halves<T> {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

/** Applies the second half even where the first one failed; then throws the first one's error. */
async function inTurn([first, second]: Halves<Item>, applyHalf: (half: readonly Item[]) => Promise<BatchOutcome>) {
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
  return outcomeOf(applied);
}
