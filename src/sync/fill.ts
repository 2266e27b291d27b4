import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {isPoison} from './isolate.ts';
import {inTransaction} from './session.ts';

/** Times as PostgreSQL writes them; null: without bound. Trades count by when their rows were created. */
export type Span = {readonly since: string | null; readonly until: string | null};

export type Filled = {
  readonly recovered: number;
  /** When the first and last of the missing trades were created; null when none was missing. */
  readonly first: string | null;
  readonly last: string | null;
  /** Accounts whose trades could not be entered, and why. */
  readonly errors: readonly string[];
};

/** A fill may read an account's whole history: the longest that one of its answers is waited for, in milliseconds. */
const FILL_MS = 610_000;

/**
 * Enters the trades that execution.trades has and the ledger lacks, an account a transaction, so that one account's
 * trouble is not another's. Running it twice, or twice at once, changes nothing more.
 */
export async function fillTrades(db: Pg, {since, until}: Span): Promise<Filled> {
  const accounts = await db.query('sync/missing_accounts', [since, until], {timeoutMs: FILL_MS});
  const errors: string[] = [];
  let recovered = 0;
  for (const {account_id} of accounts) {
    try {
      const [row] = await inTransaction(db, ask => ask('sync/fill_account', [account_id, since, until]), FILL_MS);
      recovered += Number(row?.recovered);
    } catch (error) {
      if (!isPoison(error)) throw error;
      errors.push(sanitise(`${account_id}: ${failureOf(error).message}`, 300));
    }
  }
  const times = (key: string): readonly string[] => accounts.map(row => row[key]).filter(t => typeof t === 'string');
  return {
    recovered,
    first: times('first').toSorted()[0] ?? null,
    last: times('last').toSorted().at(-1) ?? null,
    errors,
  };
}

/**
 * Takes positions and prices over from the tables that are their truth, where the bus did not bring them, and marks
 * every position to the last prices. Prices count from bars since `since`.
 */
export async function fillState(
  db: Pg,
  since: string | null,
): Promise<{readonly positions: number; readonly marks: number}> {
  const [positions, marks] = await inTransaction(
    db,
    async ask => [await ask('sync/fill_positions', [null]), await ask('sync/fill_marks', [since])] as const,
    FILL_MS,
  );
  await inTransaction(db, ask => ask('sync/revalue', [null]), FILL_MS);
  return {positions: positions.length, marks: marks.length};
}
