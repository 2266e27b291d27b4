-- Adds to the current day of each strategy. $1 strategy, $2 signals, $3 trades, $4 trades won, $5 realised P&L; arrays. The day is that of UTC.
-- Rights: INSERT, UPDATE and SELECT on strategy_engine.strategy_performance.
INSERT INTO strategy_engine.strategy_performance AS p (strategy, date, signals, total_trades, winning_trades, realized_pnl)
SELECT r.strategy, (now() AT TIME ZONE 'UTC')::date, r.signals, r.trades, r.won, r.pnl
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[], $5::numeric[]) AS r (strategy, signals, trades, won, pnl)
 ORDER BY r.strategy
    ON CONFLICT (strategy, date) DO UPDATE
   SET signals = p.signals + excluded.signals, total_trades = p.total_trades + excluded.total_trades,
       winning_trades = p.winning_trades + excluded.winning_trades, realized_pnl = p.realized_pnl + excluded.realized_pnl,
       updated_at = now();
