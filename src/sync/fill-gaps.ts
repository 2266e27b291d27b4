import type {SafeText} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {type FillResult, fillState, fillTrades, noteOf, settleDiffering} from './fill.ts';
import type {CommitChanges} from './outcome.ts';
import {QUICK} from './session.ts';

/** Trades are looked for from a minute before a gap to a minute after it: clocks differ, and a row is as old as its transaction. */
const OVERLAP_SECONDS = 60;

type GapsFilled = Pick<FillResult, 'recovered' | 'quarantined'> & {
  /** Gaps that stay open. */
  readonly open: number;
  readonly filled: number;
  /** Why some gap could not be searched whole; the others were. Undefined: all were. */
  readonly failed: unknown;
};

type GapListener = {
  /** Hears after each commit what it changed. */
  readonly onChanged: (changes: CommitChanges) => void;
  /** Hears after each chunk how many trades the pass has recovered so far. */
  readonly onChunk: (recovered: number) => void;
};

/**
 * Makes a pass over every open gap, whichever worker declared it. A pass fills a gap where it began after all
 * transactions had ended that were open when the gap was written down: rows become visible in another order than they
 * are made, so an earlier pass may have missed one.
 */
export async function fillGaps(db: Pg, {onChanged, onChunk}: GapListener): Promise<GapsFilled> {
  const gaps = await db.query('sync/gaps_open', [OVERLAP_SECONDS], QUICK);
  let [filled, recovered] = [0, 0];
  const quarantined: SafeText[] = [];
  let failed: unknown;
  for (const {id, reason, since, until, settled} of gaps) {
    const pass = await fillTrades(db, {since: textOrNull(since), until: textOrNull(until)}, (n, accounts) => {
      onChanged({accounts, symbols: []});
      onChunk(recovered + n);
    });
    // What the WAL did not bring may have been a correction or a deletion.
    if (settled && reason === 'lost' && since === null) {
      const {accounts} = await settleDiffering(db, null);
      onChanged({accounts, symbols: []});
    }
    if (settled) onChanged(await fillState(db, textOrNull(since)));
    failed ??= pass.failed;
    const done = settled === true && pass.failed === undefined;
    await db.query('sync/gap_pass', [id, pass.recovered, done, noteOf(pass)], QUICK);
    filled += done ? 1 : 0;
    recovered += pass.recovered;
    quarantined.push(...pass.quarantined);
  }
  return {open: gaps.length - filled, filled, recovered, quarantined, failed};
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
