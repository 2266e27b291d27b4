import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import {batchOf} from './batch.ts';
import {applyIsolated} from './isolate.ts';
import type {BatchOutcome, CommitChanges} from './outcome.ts';
import {inTransaction, QUICK} from './session.ts';

/** Times as PostgreSQL writes them; null: no bound. They bound the creation of trades' rows. */
type TimeSpan = {readonly since: string | null; readonly until: string | null};

export type FillResult = {
  /** Trades that were entered. */
  readonly recovered: number;
  /** When the first and the last of the missing trades were created; null: none was missing. */
  readonly first: string | null;
  readonly last: string | null;
  /** Trades that could not be entered and went into quarantine, and why. */
  readonly quarantined: readonly SafeText[];
  /** Why some trades could not be entered now; the others were. Undefined: all were. */
  readonly failed: unknown;
};

/** The longest wait for the answer of a search, in milliseconds: it may pass over all trades. */
const SEARCH_MS = 610_000;

/** Rows a transaction. */
const CHUNK = 2000;

/**
 * Enters the trades that execution.trades has and the ledger lacks, in chunks, each in a transaction of its own, so that the
 * failure of one leaves the others alone. To run it again, or twice at once, changes nothing. Calls `onChunk` after each
 * with the trades entered so far, and the accounts whose summaries it changed.
 */
export async function fillTrades(
  db: Pg,
  span: TimeSpan,
  onChunk: (recovered: number, accounts: readonly string[]) => void = () => {},
): Promise<FillResult> {
  const quarantined: SafeText[] = [];
  let [recovered, failed] = [0, undefined as unknown];
  let [first, last] = [undefined as Raw | undefined, undefined as Raw | undefined];
  for (;;) {
    const page = await missingTrades(db, span, last);
    first ??= page[0];
    last = page.at(-1) ?? last;
    const outcome = await settleRows(db, page);
    recovered += outcome.trades;
    quarantined.push(...outcome.refused.map(({key, why}) => sanitise(`${key}: ${why}`, 300)));
    failed ??= outcome.failed;
    onChunk(recovered, outcome.accounts);
    if (page.length < CHUNK) break;
  }
  return {recovered, first: createdAt(first), last: createdAt(last), quarantined, failed};
}

type RowsSettled = Pick<BatchOutcome, 'trades' | 'accounts' | 'refused'> & {readonly failed: unknown};

/** Settles rows in one transaction, or, where that fails, each account's in one: another may have locked only some. */
async function settleRows(db: Pg, rows: readonly Raw[]): Promise<RowsSettled> {
  const settled = {
    trades: 0,
    accounts: [] as BatchOutcome['accounts'],
    refused: [] as BatchOutcome['refused'],
    failed: undefined as unknown,
  };
  const settleIn = async (some: readonly Raw[], onFailed: (error: unknown) => Promise<void> | void): Promise<void> => {
    try {
      const {trades, accounts, refused} = await applyIsolated(
        db,
        batchOf(
          [],
          some.map(row => String(row.trade_id)),
        ),
      );
      settled.trades += trades;
      settled.accounts = [...settled.accounts, ...accounts];
      settled.refused = [...settled.refused, ...refused];
    } catch (error) {
      // Without an SQLSTATE the error is not these trades': the server did not answer.
      if (failureOf(error).sqlstate === undefined) throw error;
      await onFailed(error);
    }
  };
  if (rows.length === 0) return settled;
  await settleIn(rows, async () => {
    for (const account of new Set(rows.map(row => row.account_id))) {
      const own = rows.filter(row => row.account_id === account);
      await settleIn(own, error => {
        settled.failed ??= error;
      });
    }
  });
  return settled;
}

const missingTrades = (db: Pg, {since, until}: TimeSpan, last: Raw | undefined): Promise<readonly Raw[]> =>
  db.query('sync/missing_trades', [since, until, last?.created_at ?? null, last?.row_id ?? null, CHUNK, null], {
    timeoutMs: SEARCH_MS,
  });

const createdAt = (row: Raw | undefined): string | null => (row === undefined ? null : String(row.created_at));

type Restated = Pick<BatchOutcome, 'restated' | 'accounts'>;

/**
 * Settles trades whose rows say something else than the ledger, or are gone, or have come since their events. `since`:
 * rows created and entries applied before are not looked at; null: all are. Gives how many figures were restated, and of
 * which accounts.
 */
export async function settleDiffering(db: Pg, since: string | null): Promise<Restated> {
  let restated = 0;
  const accounts = new Set<string>();
  let after: unknown = null;
  for (;;) {
    const params = [null, since, after, CHUNK, null];
    const page = (await db.query('sync/differing_trades', params, {timeoutMs: SEARCH_MS})).map(row =>
      String(row.trade_id),
    );
    if (page.length > 0) {
      const outcome = await applyIsolated(db, batchOf([], page));
      restated += outcome.restated;
      for (const account of outcome.accounts) accounts.add(account);
    }
    if (page.length < CHUNK) return {restated, accounts: [...accounts]};
    after = page.at(-1);
  }
}

/** Settles trades whose events were applied since this time and before their rows could be seen, and whose rows are there now. */
export async function settleRowless(db: Pg, since: string): Promise<Restated> {
  // It runs each second: on a path that is dead and looks alive it must not wait as long as a search of all trades may.
  const rows = await db.query('sync/rowless_trades', [since, CHUNK], QUICK);
  const ids = rows.map(row => String(row.trade_id));
  return ids.length === 0 ? {restated: 0, accounts: []} : applyIsolated(db, batchOf([], ids));
}

/** The failure and the quarantined trades of a pass, as the text that its gap keeps; null: neither. */
export function noteOf({quarantined, failed}: FillResult): string | null {
  const notes = [
    ...(failed === undefined ? [] : [failureOf(failed).message]),
    ...(quarantined.length === 0 ? [] : [`in quarantine: ${quarantined.join('; ')}`]),
  ];
  return notes.length === 0 ? null : sanitise(notes.join('; '), 1000);
}

/**
 * Takes positions and prices that the bus did not bring from their tables, which are the truth. `since`: the oldest bar
 * whose price counts. Gives the accounts of which a position changed, and the symbols of which a position or the price did,
 * whose positions are to be marked.
 */
export async function fillState(db: Pg, since: string | null): Promise<CommitChanges> {
  const [positions, marks] = await inTransaction(
    db,
    async ask => [await ask('sync/fill_positions', [null]), await ask('sync/fill_marks', [since])] as const,
    SEARCH_MS,
  );
  return {
    accounts: [...new Set(positions.map(row => String(row.account_id)))],
    symbols: [...new Set([...positions, ...marks].map(row => String(row.symbol)))],
  };
}
