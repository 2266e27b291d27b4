-- The strategy engine’s days are those of analytics.
-- order: 132
-- severity: warn
-- every: 15 minutes
-- why: Strategies are judged by figures that the books do not have: the engine counted a trade twice or never, or a trade
--   was corrected since.
-- remedy: Compare the day's trades with both (the pane Analytics shows both). analytics.performance_metrics is the sum of the
--   ledger: let the strategy engine reckon the day anew.
-- rights: SELECT on strategy_engine.strategy_performance and analytics.performance_metrics
--
-- Trades and realised P&L of each strategy's day, by value. Days that are not over for an hour are left out: both are behind
-- their trades by seconds. $1: of days that ended within it.
SELECT p.strategy, p.date::text AS date, p.total_trades AS trades, coalesce(m.total_trades, 0) AS trades_by_analytics, p.realized_pnl,
       coalesce(m.realized_pnl, 0) AS pnl_by_analytics
  FROM strategy_engine.strategy_performance AS p
  LEFT JOIN analytics.performance_metrics AS m ON m.strategy = p.strategy AND m.date = p.date
 WHERE p.date < (now() AT TIME ZONE 'UTC' - interval '1 hour')::date
   AND ($1::interval IS NULL OR p.date >= ((now() - $1::interval) AT TIME ZONE 'UTC')::date)
   AND (p.total_trades, p.realized_pnl) <> (coalesce(m.total_trades, 0), coalesce(m.realized_pnl, 0))
 ORDER BY p.date DESC, p.strategy
 LIMIT 501
