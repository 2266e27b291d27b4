import pg from 'pg';
import type {PostgresServer} from '../../src/demo/postgres.ts';
import {deskTrades} from '../helpers/desk/desk-trades.ts';

const login = ({host, port, user}: PostgresServer) => ({host, port, user});

/** The review's way: two upserts and a commit for each event. */
const PORTFOLIO = `INSERT INTO portfolio_summary (account_id, symbol, total_value, realized_pnl) VALUES ($1, $2, $3, $4)
  ON CONFLICT (account_id, symbol) DO UPDATE SET total_value = portfolio_summary.total_value + $3,
    realized_pnl = portfolio_summary.realized_pnl + $4, last_updated = now()`;
const METRICS = `INSERT INTO performance_metrics (strategy, date, total_trades, win_rate) VALUES ($1, CURRENT_DATE, 1, $2)
  ON CONFLICT (strategy, date) DO UPDATE SET total_trades = performance_metrics.total_trades + 1,
    win_rate = (performance_metrics.win_rate * performance_metrics.total_trades + $2) / (performance_metrics.total_trades + 1)`;

/** Events a second of the review's design, over so many seconds; leaves its schema `review`. */
export async function reviewBaseline(postgres: PostgresServer, seconds: number): Promise<number> {
  const client = new pg.Client({
    ...login(postgres),
    password: postgres.password,
    database: 'trading_system',
    ssl: false,
  });
  await client.connect();
  await client.query(`CREATE SCHEMA review; SET search_path = review;
    CREATE TABLE portfolio_summary (account_id varchar(50), symbol varchar(20), total_value decimal(24,4),
      realized_pnl decimal(24,4), last_updated timestamptz DEFAULT now(), PRIMARY KEY (account_id, symbol));
    CREATE TABLE performance_metrics (strategy varchar(100), date date, total_trades bigint, win_rate numeric(20,10),
      PRIMARY KEY (strategy, date))`);
  const trades = deskTrades(5000, 1);
  let done = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    const t = trades[done++ % trades.length] as (typeof trades)[number];
    await client.query('BEGIN');
    await client.query(PORTFOLIO, [t.accountId, t.symbol, Number(t.quantity) * Number(t.price), t.realizedPnl]);
    await client.query(METRICS, [t.strategy ?? 'none', 0.5]);
    await client.query('COMMIT');
  }
  const rate = (done / (performance.now() - start)) * 1000;
  await client.end();
  return rate;
}
