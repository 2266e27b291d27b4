-- What was executed in a span, summed up by account and strategy, from the ledger and its archive; at most 10,001 rows. An
-- entry without a time of execution counts as of the start of its day.
-- Parameters: $1 from, $2 to, $3 account (NULL: all), $4 strategy (NULL: all).
-- Rights: SELECT on analytics.performance_metrics, sync_ledger and archived_sync_ledger.
WITH entries AS (
    SELECT e.account_id, e.strategy, e.total_value, e.realized_pnl, e.win, e.commission
      FROM analytics.performance_metrics AS m
      JOIN analytics.sync_ledger AS e ON e.strategy = m.strategy AND e.trade_date = m.date
     WHERE m.date BETWEEN ($1::timestamptz AT TIME ZONE 'UTC')::date AND ($2::timestamptz AT TIME ZONE 'UTC')::date
       AND coalesce(e.executed_at, e.trade_date::timestamp AT TIME ZONE 'UTC') >= $1
       AND coalesce(e.executed_at, e.trade_date::timestamp AT TIME ZONE 'UTC') < $2
       AND ($3::text IS NULL OR e.account_id = $3) AND ($4::text IS NULL OR e.strategy = $4)
     UNION ALL
    SELECT account_id, strategy, total_value, realized_pnl, win, commission
      FROM analytics.archived_sync_ledger
     WHERE executed_at >= $1 AND executed_at < $2
       AND ($3::text IS NULL OR account_id = $3) AND ($4::text IS NULL OR strategy = $4)
)
SELECT account_id, strategy, count(*)::text AS trades, sum(total_value)::text AS turnover, sum(realized_pnl)::text AS realized_pnl,
       sum(coalesce(commission, 0))::text AS commission, count(win)::text AS decided, coalesce(sum(win), 0)::text AS wins
  FROM entries
 GROUP BY account_id, strategy
 ORDER BY account_id, strategy
 LIMIT 10001;
