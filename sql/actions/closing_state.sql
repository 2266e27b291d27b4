-- What a closing of the books depends on, in one row: whether this role may close them, the time before which they are closed
-- (null: never), the latest time before which they may be (the months that stay open are the setting books.open_months of
-- shared.system_config, default 3, and the current one), and columns that somebody has added and the archives lack.
-- $1 the time before which they are to be closed; `moving`: closed trades wait to be moved into the archives.
-- Rights: SELECT on shared.system_config, execution.trades, analytics.sync_ledger and book_closings.
WITH last AS MATERIALIZED (
    SELECT max(closed_before) AS at FROM analytics.book_closings
), setting AS (
    SELECT CASE WHEN c.key IS NULL THEN 3 WHEN c.value::text ~ '^\d{1,3}$' THEN c.value::text::integer END AS months
      FROM (SELECT) AS one LEFT JOIN shared.system_config AS c ON c.key = 'books.open_months'
), latest AS (
    SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => months)) AT TIME ZONE 'UTC' AS at FROM setting
)
SELECT last.at::text AS closed_before, last.at >= $1::timestamptz AS closed, last.at > $1::timestamptz AS closed_later,
       setting.months AS open_months, to_char(latest.at AT TIME ZONE 'UTC', 'YYYY-MM') AS latest,
       $1::timestamptz <= latest.at AS old_enough,
       EXISTS (SELECT FROM execution.trades AS t JOIN analytics.sync_ledger AS l ON l.trade_id = t.trade_id
                WHERE t.executed_at < last.at AND l.executed_at < last.at) AS moving,
       has_table_privilege('analytics.book_closings', 'INSERT') AND has_table_privilege('analytics.opening_balances', 'INSERT')
           AND has_table_privilege('execution.archived_trades', 'INSERT')
           AND has_table_privilege('analytics.archived_sync_ledger', 'INSERT')
           AND has_table_privilege('execution.trades', 'DELETE') AND has_table_privilege('analytics.sync_ledger', 'DELETE')
           AND has_table_privilege('analytics.sync_pairs', 'UPDATE') AS may,
       (SELECT string_agg(format('%s.%I', a.attrelid::regclass, a.attname), ', ' ORDER BY a.attrelid, a.attnum)
          FROM (VALUES ('execution.trades', 'execution.archived_trades'),
                       ('analytics.sync_ledger', 'analytics.archived_sync_ledger')) AS v (of, archive)
          JOIN pg_attribute AS a ON a.attrelid = v.of::regclass AND a.attnum > 0 AND NOT a.attisdropped
         WHERE NOT EXISTS (SELECT FROM pg_attribute AS b WHERE b.attrelid = v.archive::regclass AND b.attname = a.attname
                              AND NOT b.attisdropped)) AS unknown_columns
  FROM last, setting, latest
