-- How many trades of a span's closed days are in no table any more: their month was detached from the archive.
-- Parameters: $1 from, $2 to, $3 strategy (NULL: all).
-- Rights: SELECT on analytics.book_closings, performance_metrics, sync_ledger and archived_sync_ledger.
WITH days AS MATERIALIZED (
    SELECT strategy, date, total_trades
      FROM analytics.performance_metrics
     WHERE date BETWEEN ($1::timestamptz AT TIME ZONE 'UTC')::date
                    AND ($2::timestamptz - interval '1 microsecond') AT TIME ZONE 'UTC'
       AND date < (SELECT (max(closed_before) AT TIME ZONE 'UTC')::date FROM analytics.book_closings)
       AND ($3::text IS NULL OR strategy = $3)
), bounds AS (
    SELECT min(date)::timestamp AT TIME ZONE 'UTC' AS from_at, (max(date) + 1)::timestamp AT TIME ZONE 'UTC' AS to_at FROM days
)
SELECT (coalesce((SELECT sum(total_trades) FROM days), 0)
        - (SELECT count(*) FROM analytics.sync_ledger AS e JOIN days ON e.strategy = days.strategy AND e.trade_date = days.date)
        - (SELECT count(*) FROM analytics.archived_sync_ledger AS e, bounds
            WHERE e.executed_at >= bounds.from_at AND e.executed_at < bounds.to_at
              AND ($3::text IS NULL OR e.strategy = $3)))::text AS trades;
