-- Months with closed trades for which the archives have no table yet: neither a partition nor one that was detached.
-- No parameters. Rights: SELECT on analytics.book_closings.
SELECT archive, month::text AS month
  FROM (SELECT DISTINCT m AS month FROM analytics.book_closings, unnest(months) AS m) AS closed,
       unnest('{execution.archived_trades,analytics.archived_sync_ledger}'::text[]) AS archive
 WHERE to_regclass(archive || to_char(month, '_YYYY_MM')) IS NULL
 ORDER BY month, archive
