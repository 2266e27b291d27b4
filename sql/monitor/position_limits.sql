-- The position limits, at most 500, each by that of its two limits of which more is used, with what tradetop sync measured last. What
-- was measured more than two minutes ago is no longer known: used, percent and headroom are NULL. Ages are the server's.
-- No parameters. Rights: SELECT on risk_management.position_limits.
SELECT l.id::text, 'position_' || w.of AS limit_type, l.account_id, l.strategy, l.symbol, l.max_quantity, l.max_value,
       w.most AS limit_value,       l.warn_fraction::float8 AS warn_fraction, l.enabled, l.updated_by, l.updated_at, w.used,
       (100 * w.used / w.most)::float8 AS percent, w.most - w.used AS headroom, l.breached_at,
       (extract(epoch FROM now()) - extract(epoch FROM coalesce(l.evaluated_at, l.created_at)))::float8 AS evaluated_seconds
  FROM risk_management.position_limits AS l
 CROSS JOIN LATERAL (SELECT l.evaluated_at > now() - interval '2 minutes' AS known) AS e
 CROSS JOIN LATERAL (SELECT *
                       FROM (VALUES ('quantity', l.max_quantity, CASE WHEN e.known THEN l.used_quantity END),
                                    ('value', l.max_value, CASE WHEN e.known THEN l.used_value END)) AS m (of, most, used)
                      WHERE m.most IS NOT NULL
                      ORDER BY m.used / m.most DESC NULLS LAST, m.of
                      LIMIT 1) AS w
 ORDER BY l.breached_at IS NULL, percent DESC NULLS LAST, l.enabled DESC, l.id
 LIMIT 500;
