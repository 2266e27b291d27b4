import type pg from 'pg';
import type {TradeEvent} from '../../../src/bus/kinds/trades.ts';
import {isoMicros} from '../../../src/core/time.ts';

/**
 * What the books must come to, reckoned in whole numbers (ten-thousandths) and by another way than the product: every trade
 * is known at once, and each pair is gone through once in order of execution.
 */
export type BookedTrade = {
  /** The row as it stands in the end; undefined: there is none. */
  readonly row: TradeEvent | undefined;
  /** The event that was heard and that tells of this trade; undefined: none was. */
  readonly event: TradeEvent | undefined;
};

export type ModelEntry = {
  readonly tradeId: string;
  readonly account: string;
  readonly symbol: string;
  readonly strategy: string;
  readonly day: string;
  readonly value: bigint;
  readonly pnl: bigint;
  /** In units of 10⁻¹⁰. */
  readonly win: bigint | undefined;
};

/** Digits as a whole number of units of 10^-places, rounded half away from zero. */
function units(digits: string, places: number): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(digits) ?? [];
  const kept = BigInt(`${whole || '0'}${fraction.padEnd(places, '0').slice(0, places)}`);
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n;
  return sign === '-' ? -(kept + up) : kept + up;
}

/** A whole number of units as digits. */
function digitsOf(value: bigint, places: number): string {
  const text = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -places)}.${text.slice(-places)}`;
}

const FOUR = 10_000n;
/** Divides and rounds half away from zero; `by` is positive. */
const divided = (n: bigint, by: bigint): bigint => (n < 0n ? -((-n * 2n + by) / (by * 2n)) : (n * 2n + by) / (by * 2n));

/** The entries of the ledger, by trade. */
export function modelEntries(trades: readonly BookedTrade[]): ReadonlyMap<string, ModelEntry> {
  const known = trades.flatMap(trade => {
    const truth = trade.row ?? trade.event;
    return truth ? [{truth, facts: factsOf(trade)}] : [];
  });
  const pairs = Map.groupBy(known, ({truth}) => `${truth.accountId}\u0000${truth.symbol}`);
  const entries = new Map<string, ModelEntry>();
  for (const pair of pairs.values()) {
    let [held, average] = [0n, 0n];
    for (const {truth, facts} of pair.toSorted((a, b) => order(a.truth, b.truth))) {
      const [quantity, price] = [units(truth.quantity, 4), units(truth.price, 4)];
      const fee = units(facts.commission ?? '0', 4);
      let reckoned = 0n;
      if (facts.side === 'buy') {
        const cost = held * average + quantity * price + fee * FOUR;
        held += quantity;
        average = divided(cost, held);
      } else if (facts.side === 'sell' && held > 0n) {
        const sold = quantity < held ? quantity : held;
        reckoned = divided((price - average) * sold - fee * FOUR, FOUR);
        held -= sold;
        if (held === 0n) average = 0n;
      }
      const pnl = facts.realizedPnl === undefined ? reckoned : units(facts.realizedPnl, 4);
      const ends = facts.tradeType === 'closing' || facts.tradeType === 'partial';
      const outcome = ends && (facts.side !== 'buy' || facts.realizedPnl !== undefined);
      entries.set(truth.tradeId, {
        tradeId: truth.tradeId,
        account: truth.accountId,
        symbol: truth.symbol,
        strategy: facts.strategy ?? '(none)',
        day: new Date(Math.floor((truth.executedAt as number) / 1000)).toISOString().slice(0, 10),
        value: facts.totalValue === undefined ? divided(quantity * price, FOUR) : units(facts.totalValue, 4),
        pnl,
        win:
          facts.winRate === undefined
            ? outcome
              ? pnl > 0n
                ? FOUR * 1_000_000n
                : 0n
              : undefined
            : units(facts.winRate, 10),
      });
    }
  }
  return entries;
}

const order = (a: TradeEvent, b: TradeEvent): number =>
  (a.executedAt as number) - (b.executedAt as number) || Buffer.compare(Buffer.from(a.tradeId), Buffer.from(b.tradeId));

type Facts = Pick<
  TradeEvent,
  'strategy' | 'side' | 'commission' | 'tradeType' | 'totalValue' | 'realizedPnl' | 'winRate'
>;

/** The row's own figures, then its event's where that tells of the same trade. */
function factsOf({row, event}: BookedTrade): Facts {
  const told = row && event && !isSame(row, event) ? undefined : event;
  const pick = <K extends keyof Facts>(name: K): Facts[K] => row?.[name] ?? told?.[name];
  const tradeType = pick('tradeType');
  return {
    strategy: pick('strategy'),
    commission: pick('commission'),
    tradeType,
    totalValue: pick('totalValue'),
    realizedPnl: pick('realizedPnl'),
    winRate: pick('winRate'),
    side: pick('side') ?? (tradeType === 'opening' ? 'buy' : tradeType === undefined ? undefined : 'sell'),
  };
}

const isSame = (row: TradeEvent, event: TradeEvent): boolean =>
  row.accountId === event.accountId &&
  row.symbol === event.symbol &&
  (row.side === undefined || event.side === undefined || row.side === event.side) &&
  units(row.quantity, 4) === units(event.quantity, 4) &&
  units(row.price, 4) === units(event.price, 4);

/** The sums of entries, in the form of `booksOf`. */
export function modelBooks(entries: ReadonlyMap<string, ModelEntry>) {
  const sums = <T extends string>(keyOf: (entry: ModelEntry) => T) =>
    [...Map.groupBy(entries.values(), keyOf)].map(([key, group]) => ({
      key,
      n: group.length,
      value: group.reduce((sum, e) => sum + e.value, 0n),
      pnl: group.reduce((sum, e) => sum + e.pnl, 0n),
      wins: group.reduce((sum, e) => sum + (e.win ?? 0n), 0n),
      outcomes: group.filter(e => e.win !== undefined).length,
    }));
  return {
    ledger: [...entries.values()]
      .map(e =>
        [
          e.tradeId,
          e.account,
          e.symbol,
          e.strategy,
          e.day,
          digitsOf(e.value, 4),
          digitsOf(e.pnl, 4),
          e.win === undefined ? '-' : digitsOf(e.win, 10),
        ].join(' '),
      )
      .sort(),
    portfolio: [...sums(e => `${e.account} ${e.symbol}`)]
      .map(s => [s.key, digitsOf(s.value, 4), digitsOf(s.pnl, 4), s.n].join(' '))
      .sort(),
    metrics: [...sums(e => `${e.strategy} ${e.day}`)]
      .map(s => [s.key, s.n, digitsOf(s.wins, 10), s.outcomes, digitsOf(s.value, 4), digitsOf(s.pnl, 4)].join(' '))
      .sort(),
  };
}

/** The books in the database, archived months included, in the form of `modelBooks`. */
export async function booksOf(pool: pg.Pool): Promise<ReturnType<typeof modelBooks>> {
  const lines = async (sql: string): Promise<string[]> => (await pool.query(sql)).rows.map(row => row.line).sort();
  return {
    ledger: await lines(`SELECT concat_ws(' ', trade_id, account_id, symbol, strategy, trade_date, total_value,
      realized_pnl, coalesce(win::text, '-')) AS line
      FROM (SELECT trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win
              FROM analytics.sync_ledger
            UNION ALL SELECT trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win
              FROM analytics.archived_sync_ledger) AS l`),
    portfolio: await lines(`SELECT concat_ws(' ', account_id, symbol, total_value, realized_pnl, total_trades) AS line
      FROM analytics.portfolio_summary WHERE total_trades <> 0`),
    metrics: await lines(`SELECT concat_ws(' ', strategy, date, total_trades, win_sum, win_count, total_value,
      realized_pnl) AS line FROM analytics.performance_metrics WHERE total_trades <> 0`),
  };
}

/** Writes a row of execution.trades with all that it states, and an order with its side where `ordered`. */
export async function insertRow(pool: Pick<pg.Pool, 'query'>, t: TradeEvent, ordered = false): Promise<void> {
  const order = ordered ? `o-${t.tradeId}`.slice(0, 100) : null;
  if (ordered) {
    await pool.query(
      `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
       VALUES ($1, $2, $3, $4, 'market', $5)`,
      [order, t.accountId, t.symbol, t.side ?? 'buy', t.quantity],
    );
  }
  await pool.query(
    `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, side, quantity, price, commission, executed_at,
       strategy, trade_type, total_value, realized_pnl, win_rate)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      t.tradeId,
      order,
      t.accountId,
      t.symbol,
      ordered ? null : t.side,
      t.quantity,
      t.price,
      t.commission,
      isoMicros(t.executedAt as number),
      t.strategy,
      t.tradeType,
      t.totalValue,
      t.realizedPnl,
      t.winRate,
    ],
  );
}
