-- Keeps a report, unless the last one of its span, account and strategy has the same figures and the same note; and returns the
-- kept one with what the one before had.
-- Parameters: $1 kind, $2 day, $3 from, $4 to, $5 time zone, $6 account, $7 strategy, $8 digest of the figures, $9 trades,
-- $10 total value, $11 realised P&L, $12 note, $13 the document as JSON, $14 by whom.
-- Rights: SELECT and INSERT on analytics.reports, USAGE on its sequence.
WITH before AS MATERIALIZED (
    SELECT id, version, digest, trades, realized_pnl, note
      FROM analytics.reports AS r
     WHERE from_at = $3::timestamptz AND to_at = $4::timestamptz AND kind = $1::text
       AND account_id IS NOT DISTINCT FROM $6::text AND strategy IS NOT DISTINCT FROM $7::text
     ORDER BY r.id DESC
     LIMIT 1
), kept AS (
    INSERT INTO analytics.reports (kind, day, from_at, to_at, time_zone, account_id, strategy, version, digest, trades, total_value,
           realized_pnl, note, document, made_by)
    SELECT $1, $2::date, $3, $4, $5::text, $6, $7,
           coalesce((SELECT version FROM before), 0) + CASE WHEN (SELECT digest FROM before) = $8::text THEN 0 ELSE 1 END,
           $8, $9::bigint, $10::numeric, $11::numeric, $12::text, $13::jsonb, $14::text
     WHERE NOT EXISTS (SELECT FROM before WHERE digest = $8 AND note IS NOT DISTINCT FROM $12)
    RETURNING id, version
)
SELECT coalesce(kept.id, before.id)::text AS id, coalesce(kept.version, before.version) AS version, kept.id IS NOT NULL AS is_new,
       before.version AS version_before, before.trades::text AS trades_before, before.realized_pnl::text AS pnl_before
  FROM (SELECT) AS one
  LEFT JOIN before ON true
  LEFT JOIN kept ON true;
