-- What would be closed: the ledger's entries executed before $1 and since the closing before, and about how many bytes they and
-- their rows take, by the share of their tables.
-- Rights: SELECT on analytics.sync_ledger and book_closings.
WITH closed AS MATERIALIZED (
    SELECT count(*) AS trades, count(DISTINCT account_id) AS accounts,
           array_agg(DISTINCT to_char(executed_at AT TIME ZONE 'UTC', 'YYYY-MM')) AS months
      FROM analytics.sync_ledger
     WHERE executed_at < $1::timestamptz
       AND executed_at >= coalesce((SELECT max(closed_before) FROM analytics.book_closings), '-infinity')
)
SELECT trades::text AS trades, accounts::text AS accounts, array_to_string(months, ', ') AS months,
       (SELECT sum(pg_table_size(oid) * least(1, trades / greatest(reltuples, trades, 1)))::bigint::text FROM pg_class
         WHERE oid IN ('execution.trades'::regclass, 'analytics.sync_ledger'::regclass)) AS bytes
  FROM closed
