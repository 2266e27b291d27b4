import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {applyBatch} from './apply.ts';
import {batchOf} from './batch.ts';
import {isPoison} from './quarantine.ts';
import type {Runner} from './session.ts';
import {storedEventOf} from './sync-event.ts';

type Retried = {
  readonly applied: number;
  /** Events that still cannot be applied, and why. */
  readonly refused: readonly {readonly event: SafeText; readonly reason: SafeText}[];
  /** The signal stopped it before the end. */
  readonly stopped: boolean;
};

const PAGE = 200;

/**
 * Tries every event in quarantine again, each in a transaction that also closes its entry, so that it is applied once
 * whatever breaks. An event that fails again stays, with the new reason and one attempt more, unless another event has
 * brought its trade since, which closes its entry. `only`: the numbers of the events to try; default: all.
 */
export async function retryQuarantine(db: Runner, signal?: AbortSignal, only?: ReadonlySet<string>): Promise<Retried> {
  const refused: {event: SafeText; reason: SafeText}[] = [];
  let [applied, after] = [0, '0'];
  for (;;) {
    const rows = await db.query('sync/quarantine_open', [after, PAGE]);
    for (const row of rows) {
      after = String(row.id);
      if (only?.has(after) === false) continue;
      if (signal?.aborted) return {applied, refused, stopped: true};
      const reason = await retryOne(db, row);
      if (reason === undefined) applied++;
      else refused.push({event: sanitise(`${row.kind} ${row.event_key}`, 200), reason});
    }
    if (rows.length < PAGE) return {applied, refused, stopped: false};
  }
}

/** The event contradicts what is known of its trade, or has an impossible time. */
class RefusedError extends Error {}

/** Undefined: it is applied. Else the reason why not. */
async function retryOne(db: Runner, row: Raw): Promise<SafeText | undefined> {
  const event = storedEventOf(String(row.event));
  if (!event) return sanitise('the event in the quarantine cannot be read', 300);
  try {
    await db.transaction(async ask => {
      const [refused] = (await applyBatch(ask, batchOf([event]))).refused;
      // Undoes also that it was set aside once more.
      if (refused) throw new RefusedError(refused.why);
      await ask('sync/quarantine_resolve', [row.kind, row.event_key]);
    });
    return undefined;
  } catch (error) {
    if (!isPoison(error) && !(error instanceof RefusedError)) throw error;
    const overtaken = await db.transaction(ask => ask('sync/quarantine_overtaken', [row.kind, row.event_key]));
    if (overtaken.length > 0) return undefined;
    const {message, sqlstate} =
      error instanceof RefusedError ? {message: error.message, sqlstate: null} : failureOf(error);
    const reason = sanitise(message, 500);
    await db.transaction(ask => ask('sync/quarantine', [row.kind, row.event_key, row.event, sqlstate, reason]));
    return reason;
  }
}
