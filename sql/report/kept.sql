-- A report that was kept. Parameters: $1 its id. Rights: SELECT on analytics.reports.
SELECT version::text AS version, digest, made_at, made_by, note, document::text AS document FROM analytics.reports WHERE id = $1::bigint;
