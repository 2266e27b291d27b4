import {dec} from '../core/decimal.ts';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {markDue} from './mark-due.ts';
import {isPoison} from './quarantine.ts';
import type {Runner} from './session.ts';
import {type Settled, settle} from './settle.ts';

/** A figure of analytics that differed from the sum of its trades: `ACC-01 AAPL realised P&L`, `12.0000`, `10.5000`. */
export type Difference = {readonly key: SafeText; readonly figure: string; readonly was: string; readonly is: string};

type Rebuilt = {
  readonly accounts: number;
  /** Trades that the ledger lacked and now has. */
  readonly recovered: number;
  /** Figures of the ledger that were not what the rows and the order of execution give. */
  readonly restated: number;
  /** Positions whose view in analytics differed from their table. */
  readonly positions: number;
  readonly differences: readonly Difference[];
  /** Accounts that could not be rebuilt, and why. */
  readonly errors: readonly SafeText[];
  /** The signal stopped it before the end; every account up to there is right. */
  readonly stopped: boolean;
};

/** Trades a transaction. */
const PAGE = 2000;

/** Figures, and the columns of rebuild_portfolio.sql and rebuild_metrics.sql that hold them. */
const FIGURES = [
  ['total value', 'value'],
  ['realised P&L', 'pnl'],
  ['trades', 'trades'],
  ['sum of wins', 'win_sum'],
  ['trades with an outcome', 'win_count'],
] as const;

/**
 * Rebuilds analytics from trades and positions, in a transaction for each strategy and then in some for each account:
 * settles the trades that the ledger lacks or that differ from their rows, reckons the P&L of each symbol from its first trade, takes
 * the view of positions from their table, and corrects every sum that differs from the ledger's. Workers may run
 * meanwhile. Calls `onAccount` after each account.
 */
export async function rebuildAnalytics(
  db: Runner,
  {
    signal,
    onAccount = () => {},
  }: {readonly signal?: AbortSignal; readonly onAccount?: (done: number, of: number) => void} = {},
): Promise<Rebuilt> {
  const accounts = await db.query('sync/rebuild_accounts');
  const differences: Difference[] = [];
  const errors: SafeText[] = [];
  let [recovered, restated, positions, done] = [0, 0, 0, 0];
  const result = (stopped: boolean): Rebuilt => ({
    accounts: done,
    recovered,
    restated,
    positions,
    differences,
    errors,
    stopped,
  });
  // First the sums of what is counted: what is settled then adds its differences to right ones.
  for (const {strategy} of await db.query('sync/rebuild_strategies')) {
    if (signal?.aborted) return result(true);
    const rows = await db.transaction(ask => ask('sync/rebuild_metrics', [strategy]));
    differences.push(...rows.flatMap(row => differencesOf(`${strategy} ${row.key}`, row)));
  }
  for (const {account_id} of accounts) {
    if (signal?.aborted) return result(true);
    try {
      const one = await rebuildAccount(db, String(account_id));
      recovered += one.recovered;
      restated += one.restated;
      positions += one.positions;
      differences.push(...one.differences);
    } catch (error) {
      if (!isPoison(error)) throw error;
      errors.push(sanitise(`${account_id}: ${failureOf(error).message}`, 300));
    }
    onAccount(++done, accounts.length);
  }
  await db.transaction(ask => ask('sync/fill_marks', [null]));
  await markDue(db, null, {
    signal,
    onUnmarkable: ({table, id, error}) => void errors.push(sanitise(`${table} ${id}: ${error}`, 300)),
  });
  return result(false);
}

async function rebuildAccount(db: Runner, account: string) {
  const recovered = await settlePages(
    last => [null, null, last?.created_at ?? null, last?.row_id ?? null, PAGE, account],
    {
      db,
      search: 'sync/missing_trades',
    },
  );
  const differing = await settlePages(last => [account, null, last?.trade_id ?? null, PAGE, null], {
    db,
    search: 'sync/differing_trades',
  });
  let restated = recovered.restated + differing.restated;
  for (const {symbol} of await db.query('sync/pairs_of', [account])) {
    const pair = {accountId: account, symbol: String(symbol)};
    restated += (await db.transaction(ask => settle(ask, {pairs: [pair]}))).restated;
  }
  return db.transaction(async ask => {
    const positions = await ask('sync/fill_positions', [account]);
    const rows = await ask('sync/rebuild_portfolio', [account]);
    return {
      recovered: recovered.entered,
      restated,
      positions: positions.length,
      differences: rows.flatMap(row => differencesOf(`${account} ${row.key}`, row)),
    };
  });
}

/** Settles the trades that a search finds, page by page, each in a transaction. `next`: its parameters after a page's last row. */
async function settlePages(
  next: (last: Raw | undefined) => readonly unknown[],
  {db, search}: {readonly db: Runner; readonly search: string},
): Promise<Pick<Settled, 'entered' | 'restated'>> {
  let [entered, restated] = [0, 0];
  let last: Raw | undefined;
  for (;;) {
    const page = await db.query(search, next(last));
    const settled = await db.transaction(ask => settle(ask, {rows: page.map(row => String(row.trade_id))}));
    entered += settled.entered;
    restated += settled.restated;
    if (page.length < PAGE) return {entered, restated};
    last = page.at(-1);
  }
}

function differencesOf(key: string, row: Raw): readonly Difference[] {
  return FIGURES.flatMap(([figure, column]) => {
    const [was, is] = [row[`was_${column}`], row[column]];
    if (was === undefined || dec(String(was)).eq(String(is))) return [];
    return [{key: sanitise(key, 200), figure, was: String(was), is: String(is)}];
  });
}
