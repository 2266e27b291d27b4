-- The reports that are kept, the newest first, at most 200. No parameters. Rights: SELECT on analytics.reports.
SELECT r.id::text AS id, kind, day::text AS day, from_at, to_at, account_id AS account, strategy, version::text AS version,
       trades::text AS trades, total_value::text AS turnover, realized_pnl::text AS realized_pnl, made_at, made_by,
       left(note, 200) AS note
  FROM analytics.reports AS r
 ORDER BY r.id DESC
 LIMIT 200;
