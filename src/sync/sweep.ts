import {isoMicros, type Micros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import {type FillResult, fillState, fillTrades, noteOf, settleDiffering} from './fill.ts';
import type {CommitChanges} from './outcome.ts';
import {QUICK} from './session.ts';

type SweepOptions = {
  readonly db: Pg;
  /** The worker's name. */
  readonly worker: string;
  /** Hears the symbols whose positions are to be marked. */
  readonly onChanged: (changes: CommitChanges) => void;
};

/** What a sweep found, and how many figures of the ledger it restated to those of the rows. */
type Swept = FillResult & {readonly restated: number};

/**
 * Looks for trades that the ledger lacks although no gap explains it, enters them, and declares an `unexplained` gap for
 * them; then for trades whose rows say something else than the ledger, or are gone, and restates them. `since` (undefined:
 * ever) and `until` bound the creation of their rows, by the database's clock.
 */
export async function sweep(
  {db, worker, onChanged}: SweepOptions,
  since: Micros | undefined,
  until: Micros,
): Promise<Swept> {
  const span = {since: since === undefined ? null : isoMicros(since), until: isoMicros(until)};
  const found = await fillTrades(db, span, (_, accounts) => onChanged({accounts, symbols: []}));
  if (found.recovered + found.quarantined.length > 0) {
    const [gap] = await db.query('sync/gap_open', [worker, 'unexplained', found.first, found.last], QUICK);
    await db.query('sync/gap_pass', [gap?.id, found.recovered, found.failed === undefined, noteOf(found)], QUICK);
  }
  const {restated, accounts} = await settleDiffering(db, span.since);
  onChanged({accounts, symbols: []});
  onChanged(await fillState(db, span.since));
  return {...found, restated};
}
