-- Why what was executed before a time cannot be closed yet: one row for each kind of obstacle that there is, with how many and
-- the first of them. $1 the time. What differs between rows and entries is found by sync/differing_trades, and wrong reckonings
-- and sums by the checks data_reckoning and data_analytics.
-- Rights: SELECT on execution.trades, and on analytics.sync_gaps, sync_quarantine, sync_ledger and book_closings.
WITH last AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), obstacles AS (
    SELECT 1 AS rank, 'gap' AS what, id::text AS example FROM analytics.sync_gaps WHERE filled_at IS NULL
    UNION ALL
    SELECT 2, 'quarantine', id::text
      FROM analytics.sync_quarantine AS q
     WHERE kind = 'trades' AND resolved_at IS NULL
       AND (CASE WHEN jsonb_typeof(event->'executedAt') = 'number' THEN (event->>'executedAt')::numeric END
                < extract(epoch FROM $1::timestamptz) * 1000000
            OR EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = q.event->>'key' AND l.executed_at < $1::timestamptz)
            OR EXISTS (SELECT FROM execution.trades AS t WHERE t.trade_id = q.event->>'key' AND t.executed_at < $1::timestamptz))
    UNION ALL
    SELECT 3, 'row', t.trade_id
      FROM execution.trades AS t
     WHERE t.executed_at < $1::timestamptz
       AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
       AND NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                        WHERE q.kind = 'trades' AND q.event_key = t.trade_id AND q.resolution = 'rejected')
    UNION ALL
    SELECT 4, 'entry', trade_id
      FROM analytics.sync_ledger
     WHERE CASE WHEN executed_at IS NULL THEN trade_date < ($1::timestamptz AT TIME ZONE 'UTC')::date
                ELSE executed_at < $1::timestamptz AND executed_at >= (SELECT at FROM last) AND row_id IS NULL END
    UNION ALL
    SELECT 5, 'reckoning', trade_id
      FROM analytics.sync_ledger
     WHERE executed_at < $1::timestamptz AND executed_at >= (SELECT at FROM last) AND held IS NULL
)
SELECT what, count(*)::integer AS n, min(example COLLATE "C") AS example FROM obstacles GROUP BY rank, what ORDER BY rank
