-- Corrects a strategy's performance metrics to the sums of its ledger, and returns the days that differed, each figure
-- before and after. As for portfolios, it adds the difference. Closed days stay as they are.
-- Parameters: $1 strategy.
-- Rights: SELECT on analytics.sync_ledger and book_closings; SELECT, INSERT, UPDATE on analytics.performance_metrics.
WITH cut AS MATERIALIZED (
    SELECT coalesce((max(closed_before) AT TIME ZONE 'UTC')::date, '-infinity') AS day FROM analytics.book_closings
), ledger AS (
    SELECT trade_date AS date, count(*) AS trades, coalesce(sum(win), 0) AS win_sum, count(win) AS win_count,
           sum(total_value) AS value, sum(realized_pnl) AS pnl
      FROM analytics.sync_ledger WHERE strategy = $1 AND trade_date >= (SELECT day FROM cut) GROUP BY trade_date
), both_sides AS (
    SELECT date, coalesce(m.total_trades, 0) AS was_trades, coalesce(l.trades, 0) AS trades,
           coalesce(m.win_sum, 0) AS was_win_sum, coalesce(l.win_sum, 0) AS win_sum,
           coalesce(m.win_count, 0) AS was_win_count, coalesce(l.win_count, 0) AS win_count,
           coalesce(m.total_value, 0) AS was_value, coalesce(l.value, 0) AS value,
           coalesce(m.realized_pnl, 0) AS was_pnl, coalesce(l.pnl, 0) AS pnl
      FROM ledger AS l
      FULL JOIN (SELECT * FROM analytics.performance_metrics
                  WHERE strategy = $1 AND date >= (SELECT day FROM cut)) AS m USING (date)
), differing AS (
    SELECT * FROM both_sides
     WHERE (was_trades, was_win_sum, was_win_count, was_value, was_pnl) <> (trades, win_sum, win_count, value, pnl)
), corrected AS (
    INSERT INTO analytics.performance_metrics AS m
           (strategy, date, total_trades, win_sum, win_count, total_value, realized_pnl)
    SELECT $1, date, trades, win_sum, win_count, value, pnl FROM differing ORDER BY date
        ON CONFLICT (strategy, date) DO UPDATE
       SET (total_trades, win_sum, win_count, total_value, realized_pnl, last_updated) = (
               SELECT m.total_trades + d.trades - d.was_trades, m.win_sum + d.win_sum - d.was_win_sum,
                      m.win_count + d.win_count - d.was_win_count, m.total_value + d.value - d.was_value,
                      m.realized_pnl + d.pnl - d.was_pnl, now()
                 FROM differing AS d WHERE d.date = excluded.date)
    RETURNING 1
)
SELECT date::text AS key, was_value::text, value::text, was_pnl::text, pnl::text, was_trades::text, trades::text,
       was_win_sum::text, win_sum::text, was_win_count::text, win_count::text
  FROM differing
 WHERE (SELECT count(*) FROM corrected) >= 0
 ORDER BY date
