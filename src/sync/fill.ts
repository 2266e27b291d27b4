import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros, parseMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import {halved, isPoison, isTooSlow, quarantine} from './isolate.ts';
import type {TradeItem} from './item.ts';
import {inTransaction} from './session.ts';

/** Times as PostgreSQL writes them; null: without bound. Trades count by when their rows were created. */
export type TimeSpan = {readonly since: string | null; readonly until: string | null};

export type FillResult = {
  readonly recovered: number;
  /** When the first and last of the missing trades were created; null when none was missing. */
  readonly first: string | null;
  readonly last: string | null;
  /** Trades that could not be entered and went into quarantine, and why. */
  readonly quarantined: readonly SafeText[];
  /** Why an account was not filled; the others were. Undefined: all were. */
  readonly failed: unknown;
};

/** A fill may read an account's whole history: the longest that one of its answers is waited for, in milliseconds. */
const FILL_MS = 610_000;

/**
 * Enters the trades that execution.trades has and the ledger lacks, an account a transaction, so that one account's
 * trouble is not another's. Running it twice, or twice at once, changes nothing more.
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
      // Without an SQLSTATE it is not this account's trouble: the server does not speak to us.
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

type Entered = Pick<FillResult, 'recovered' | 'quarantined'>;

// As with batches: where one of an account's trades is at fault, or there is no time for all, they are halved.
async function fillAccount(db: Pg, account: string, span: TimeSpan, only?: readonly TradeItem[]): Promise<Entered> {
  const {since, until} = span;
  try {
    const ids = only?.map(trade => trade.key) ?? null;
    const [row] = await inTransaction(db, ask => ask('sync/fill_account', [account, since, until, ids]), FILL_MS);
    return {recovered: Number(row?.recovered), quarantined: []};
  } catch (error) {
    const slow = isTooSlow(error);
    if (!isPoison(error) && !slow) throw error;
    const trades = only ?? (await missingTrades(db, account, span));
    // Someone else has entered them meanwhile.
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

async function missingTrades(db: Pg, account: string, {since, until}: TimeSpan): Promise<readonly TradeItem[]> {
  const rows = await db.query('sync/missing_trades', [account, since, until], {timeoutMs: FILL_MS});
  return rows.map(row => tradeOf(account, row));
}

/** The event that would have brought a row of execution.trades. */
function tradeOf(account: string, row: Raw): TradeItem {
  const text = (name: string): string | undefined =>
    typeof row[name] === 'string' ? (row[name] as string) : undefined;
  const time = (name: string): Micros => parseMicros(text(name) ?? '') ?? 0;
  const createdAt = time('created_at');
  return {
    kind: 'trades',
    key: String(row.trade_id),
    accountId: account,
    symbol: String(row.symbol),
    strategy: String(row.strategy),
    date: isoMicros(time('executed_at')).slice(0, 10),
    side: text('side') as TradeItem['side'],
    quantity: String(row.quantity),
    price: String(row.price),
    commission: text('commission'),
    executedAt: time('executed_at'),
    tradeType: text('trade_type'),
    totalValue: undefined,
    realizedPnl: undefined,
    winRate: undefined,
    at: createdAt,
    receivedAt: createdAt,
    since: createdAt,
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
