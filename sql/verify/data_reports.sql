-- A kept report has the figures that its day has now.
-- order: 165
-- severity: warn
-- every: 15 minutes
-- why: A trade came late, or was corrected or busted, after the report had been made: who reads it reads old figures.
-- remedy: Keep the new figures: tradetop report --date DAY --save; tradetop report --kept ID says what differs.
-- rights: SELECT on analytics.reports and performance_metrics
--
-- Of each day and strategy the last report, where it was made after the end of the day and is about all accounts and UTC's day.
-- A kept report costs a look into an index.
SELECT id, day, strategy, version, trades, now_trades, total_value, now_value, realized_pnl, now_pnl
  FROM (SELECT DISTINCT ON (day, strategy) id, day, strategy, version, trades, total_value, realized_pnl
          FROM analytics.reports
         WHERE kind = 'day' AND time_zone = 'UTC' AND account_id IS NULL AND made_at >= to_at
         ORDER BY day, strategy, id DESC) AS r
 CROSS JOIN LATERAL (SELECT coalesce(sum(m.total_trades), 0) AS now_trades, coalesce(sum(m.total_value), 0) AS now_value,
                            coalesce(sum(m.realized_pnl), 0) AS now_pnl
                       FROM analytics.performance_metrics AS m
                      WHERE m.date = r.day AND (r.strategy IS NULL OR m.strategy = r.strategy)) AS m
 WHERE (trades, total_value, realized_pnl) <> (now_trades, now_value, now_pnl)
 ORDER BY day, strategy
 LIMIT 501
