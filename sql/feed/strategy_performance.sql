-- Adds to days of strategies. $1 strategy, $2 day (UTC), $3 signals, $4 trades, $5 trades won, $6 realised P&L; arrays.
-- Rights: INSERT, UPDATE and SELECT on strategy_engine.strategy_performance.
INSERT INTO strategy_engine.strategy_performance AS p (strategy, date, signals, total_trades, winning_trades, realized_pnl)
SELECT r.strategy, r.date, r.signals, r.trades, r.won, r.pnl
  FROM unnest($1::text[], $2::date[], $3::integer[], $4::integer[], $5::integer[], $6::numeric[])
       AS r (strategy, date, signals, trades, won, pnl)
 ORDER BY r.strategy, r.date
    ON CONFLICT (strategy, date) DO UPDATE
   SET signals = p.signals + excluded.signals, total_trades = p.total_trades + excluded.total_trades,
       winning_trades = p.winning_trades + excluded.winning_trades, realized_pnl = p.realized_pnl + excluded.realized_pnl,
       updated_at = now();
