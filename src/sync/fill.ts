import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {halved, isTooSlow} from './isolate.ts';
import {isPoison, quarantine} from './quarantine.ts';
import {inTransaction} from './session.ts';
import {type SyncTrade, tradeOfRow} from './sync-event.ts';

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
  /** Why some account could not be filled; the others were. Undefined: all were. */
  readonly failed: unknown;
};

/** A fill may read an account's whole history: the longest wait for one of its answers, in milliseconds. */
const FILL_MS = 610_000;

/**
 * Enters the trades that execution.trades has and the ledger lacks, each account in a transaction of its own, so that
 * the failure of one leaves the others alone. To run it again, or twice at once, changes nothing.
 */
export async function fillTrades(db: Pg, span: TimeSpan): Promise<FillResult> {
  const accounts = await db.query('sync/missing_accounts', [span.since, span.until], {timeoutMs: FILL_MS});
  const quarantined: SafeText[] = [];
  let recovered = 0;
  let failed: unknown;
  for (const {account_id} of accounts) {
    try {
      const filled = await fillAccount(db, String(account_id), span);
      recovered += filled.recovered;
      quarantined.push(...filled.quarantined);
    } catch (error) {
      // Without an SQLSTATE the error is not this account's: the server did not answer.
      if (failureOf(error).sqlstate === undefined) throw error;
      failed ??= error;
    }
  }
  const times = (key: string): readonly string[] => accounts.map(row => row[key]).filter(t => typeof t === 'string');
  return {
    recovered,
    first: times('first').toSorted()[0] ?? null,
    last: times('last').toSorted().at(-1) ?? null,
    quarantined,
    failed,
  };
}

/** The failure and the quarantined trades of a pass, as the text that its gap keeps; null: neither. */
export function noteOf({quarantined, failed}: FillResult): string | null {
  const notes = [
    ...(failed === undefined ? [] : [failureOf(failed).message]),
    ...(quarantined.length === 0 ? [] : [`in quarantine: ${quarantined.join('; ')}`]),
  ];
  return notes.length === 0 ? null : sanitise(notes.join('; '), 1000);
}

type Entered = Pick<FillResult, 'recovered' | 'quarantined'>;

/** As with batches: where one of an account's trades is at fault, or the time is not enough for all, they are halved. */
async function fillAccount(db: Pg, account: string, span: TimeSpan, only?: readonly SyncTrade[]): Promise<Entered> {
  const {since, until} = span;
  try {
    const ids = only?.map(trade => trade.key) ?? null;
    const [row] = await inTransaction(db, ask => ask('sync/fill_account', [account, since, until, ids]), FILL_MS);
    return {recovered: Number(row?.recovered), quarantined: []};
  } catch (error) {
    const slow = isTooSlow(error);
    if (!isPoison(error) && !slow) throw error;
    const trades = only ?? (await missingTrades(db, account, span));
    // Another worker has entered them meanwhile.
    if (trades.length === 0) return {recovered: 0, quarantined: []};
    if (trades.length === 1) {
      if (slow) throw error;
      await quarantine(db, trades[0], error);
      return {recovered: 0, quarantined: [sanitise(`${trades[0]?.key}: ${failureOf(error).message}`, 300)]};
    }
    const [left, right] = halved(trades);
    const first = await fillAccount(db, account, span, left);
    const second = await fillAccount(db, account, span, right);
    return {
      recovered: first.recovered + second.recovered,
      quarantined: [...first.quarantined, ...second.quarantined],
    };
  }
}

async function missingTrades(db: Pg, account: string, {since, until}: TimeSpan): Promise<readonly SyncTrade[]> {
  const rows = await db.query('sync/missing_trades', [account, since, until], {timeoutMs: FILL_MS});
  return rows.map(row => tradeOfRow(account, row));
}

/**
 * Takes positions and prices that the bus did not bring from their tables, which are the truth. `since`: the oldest bar
 * whose price counts. Gives the symbols of which a position or the price changed, whose positions are to be marked.
 */
export async function fillState(db: Pg, since: string | null): Promise<readonly string[]> {
  const rows = await inTransaction(
    db,
    async ask => [...(await ask('sync/fill_positions', [null])), ...(await ask('sync/fill_marks', [since]))],
    FILL_MS,
  );
  return [...new Set(rows.map(row => String(row.symbol)))];
}
