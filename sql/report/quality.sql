-- What was found wrong with market data in a span, by check and severity: how much, and how much of it is still open. At most
-- 200 rows. Parameters: $1 from, $2 to. Rights: SELECT on data_ingestion.data_quality_logs.
SELECT check_name AS "check", severity, count(*)::text AS findings,
       (count(*) FILTER (WHERE resolved_at IS NULL))::text AS open, count(DISTINCT symbol)::text AS symbols,
       max("timestamp") AS last_at
  FROM data_ingestion.data_quality_logs
 WHERE "timestamp" >= $1::timestamptz AND "timestamp" < $2::timestamptz
 GROUP BY check_name, severity
 ORDER BY array_position('{critical,error,warning,info}', severity::text), count(*) DESC, check_name
 LIMIT 200;
