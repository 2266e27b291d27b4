-- The synchroniser's ledger, gaps and quarantine, counted, in one row. No parameters.
-- Rights: SELECT on analytics.sync_ledger, sync_gaps, sync_quarantine.
-- The ledger is counted up to 1,000 rows. Beyond that (ledger_exact is false), the number is its pages times the rows
-- that the last VACUUM or ANALYZE found on a page; before the first of these, the rows that the statistics have counted.
WITH few AS MATERIALIZED (
    SELECT count(*) AS n FROM (SELECT FROM analytics.sync_ledger LIMIT 1001) AS first_rows
), gaps AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE filled_at IS NULL)       AS open,
           count(*) FILTER (WHERE filled_at IS NOT NULL)   AS filled,
           coalesce(sum(recovered), 0)                     AS recovered,
           min(ended_at) FILTER (WHERE filled_at IS NULL)  AS oldest
      FROM analytics.sync_gaps
)
SELECT CASE WHEN few.n <= 1000 THEN few.n
            WHEN c.reltuples > 0 AND c.relpages > 0
            THEN greatest(few.n, round(c.reltuples / c.relpages * pg_relation_size(c.oid)
                                       / current_setting('block_size')::integer))
            ELSE greatest(few.n, pg_stat_get_live_tuples(c.oid)) END::float8                AS ledger,
       few.n <= 1000                                                                        AS ledger_exact,
       gaps.open::integer                                                                   AS gaps_open,
       gaps.filled::float8                                                                  AS gaps_filled,
       gaps.recovered::float8                                                               AS recovered,
       CASE WHEN gaps.oldest IS NOT NULL
            THEN greatest(0, extract(epoch FROM now()) - extract(epoch FROM gaps.oldest)) END::float8           AS oldest_gap_seconds,
       (SELECT count(*) FROM analytics.sync_quarantine WHERE resolved_at IS NULL)::float8   AS quarantined
  FROM few
 CROSS JOIN gaps
 CROSS JOIN pg_catalog.pg_class AS c
 WHERE c.oid = 'analytics.sync_ledger'::regclass;
