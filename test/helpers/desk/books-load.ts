import type pg from 'pg';

/** The amount of trades to fill the books with. */
export type Books = {
  /** Trades spread evenly over 335 days, up to three days ago. */
  readonly history: number;
  /** Trades of the last 40 hours. */
  readonly recent: number;
  /** Gets a line after each part. */
  readonly say?: (line: string) => void;
};

const PAIRS = 2500;
const ACCOUNTS = 50;
const STRATEGIES = 100;
const CHUNK = 250_000;

/**
 * Fills a database that is set up with books that are right: orders of four trades each, which every account and symbol
 * buys and sells in turn, and what the synchroniser makes of them (its ledger, its pairs, portfolio and metrics), with
 * positions. The same arguments give the same rows. It needs the tables to be empty.
 */
export async function fillBooks(client: pg.ClientBase, {history, recent, say = () => {}}: Books): Promise<void> {
  const [all, params] = [history + recent, [history, recent]] as const;
  await client.query(
    `INSERT INTO execution.orders
       (order_id, account_id, symbol, side, order_type, quantity, status, strategy, created_at, updated_at)
     SELECT 'O' || o, 'A' || o % ${PAIRS} % ${ACCOUNTS}, 'S' || o % ${PAIRS} / ${ACCOUNTS},
       CASE WHEN o / ${PAIRS} % 2 = 0 THEN 'buy' ELSE 'sell' END::execution.order_side, 'market', 100, 'filled',
       'strategy ' || o % ${STRATEGIES}, ${timeOf('o * 4')}, ${timeOf('o * 4')}
     FROM generate_series(0, ($1::int + $2::int) / 4 - 1) AS o`,
    [...params],
  );
  for (let from = 0; from < all; from += CHUNK) {
    await client.query(
      `INSERT INTO execution.trades
         (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at, strategy, trade_type, created_at)
       SELECT 'T' || n, o.order_id, o.account_id, o.symbol, 25, 100 + n % 97 * 0.37, 1, ${timeOf('n')}, o.strategy,
         CASE WHEN o.side = 'sell' THEN 'closing' END, ${timeOf('n')}
       FROM generate_series($3::int, $4::int) AS n JOIN execution.orders AS o ON o.order_id = 'O' || n / 4
       ORDER BY n`,
      [...params, from, Math.min(all, from + CHUNK) - 1],
    );
  }
  say(`${all.toLocaleString('en-US')} trades`);
  await client.query(LEDGER);
  for (const statement of SUMS) await client.query(statement);
  await client.query('VACUUM ANALYZE');
  say('ledger and sums');
}

/** When the trade of that number was executed; $1 and $2 are the numbers of trades. */
const timeOf = (n: string): string => `(CASE WHEN ${n} < $1::int
  THEN now() - interval '3 days' - ($1::int - ${n}) * (interval '335 days' / greatest($1::int, 1))
  ELSE now() - ($1::int + $2::int - (${n})) * (interval '40 hours' / greatest($2::int, 1)) END)`;

const IN_ORDER = 'ORDER BY t.executed_at, t.trade_id COLLATE "C"';

/** As settle.sql would enter the trades, of which rows and orders say all but the realised P&L. */
const LEDGER = `
  WITH entered AS MATERIALIZED (
    SELECT f.trade_id, f.held, f.average, f.realised
    FROM (SELECT array_agg(t.trade_id ${IN_ORDER}) AS ids, array_agg(o.side::text ${IN_ORDER}) AS sides,
            array_agg(t.quantity ${IN_ORDER}) AS quantities, array_agg(t.price ${IN_ORDER}) AS prices,
            array_agg(t.commission ${IN_ORDER}) AS commissions
          FROM execution.trades AS t JOIN execution.orders AS o USING (order_id) GROUP BY t.account_id, t.symbol) AS s,
      ROWS FROM (unnest(ids), analytics.average_cost(0, 0, sides, quantities, prices, commissions))
        AS f (trade_id, held, average, realised)
  )
  INSERT INTO analytics.sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win,
    source, applied_at, row_id, executed_at, side, quantity, price, commission, held, average_cost)
  SELECT t.trade_id, t.account_id, t.symbol, t.strategy, (t.executed_at AT TIME ZONE 'UTC')::date,
    round(t.quantity * t.price, 4), f.realised, CASE WHEN o.side = 'sell' THEN (f.realised > 0)::integer END,
    'event', t.created_at, t.id, t.executed_at, o.side, t.quantity, t.price, t.commission, f.held, f.average
  FROM execution.trades AS t JOIN entered AS f USING (trade_id) JOIN execution.orders AS o USING (order_id)
  ORDER BY t.id`;

const SUMS = [
  `INSERT INTO analytics.sync_pairs
     (account_id, symbol, held, average_cost, last_executed_at, last_trade_id, updated_at)
   SELECT DISTINCT ON (account_id, symbol) account_id, symbol, held, average_cost, executed_at, trade_id, applied_at
   FROM analytics.sync_ledger ORDER BY account_id, symbol, executed_at DESC, trade_id COLLATE "C" DESC`,
  `INSERT INTO analytics.portfolio_summary (account_id, symbol, total_value, realized_pnl, total_trades, last_updated)
   SELECT account_id, symbol, sum(total_value), sum(realized_pnl), count(*), max(applied_at)
   FROM analytics.sync_ledger GROUP BY account_id, symbol`,
  `INSERT INTO analytics.performance_metrics
     (strategy, date, total_trades, win_sum, win_count, total_value, realized_pnl, last_updated)
   SELECT strategy, trade_date, count(*), coalesce(sum(win), 0), count(win), sum(total_value), sum(realized_pnl),
     max(applied_at)
   FROM analytics.sync_ledger GROUP BY strategy, trade_date`,
  `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price, last_updated)
   SELECT account_id, symbol, held, average_cost, last_executed_at FROM analytics.sync_pairs`,
  `INSERT INTO analytics.sync_workers (worker, mode, host, pid, started_at, heartbeat_at)
   VALUES ('books', 'pubsub', 'here', 1, now(), now())`,
] as const;
