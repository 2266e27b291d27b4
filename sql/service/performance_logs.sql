-- Writes what a service measured of its own queries: a row for each operation over a span, and one for each slow query.
-- $1 service; arrays: $2 timestamp, $3 operation, $4 milliseconds, $5 seconds a query, $6 queries, $7 slow ones (the three
-- NULL: one slow query), $8 correlation_id, $9 details as JSON. Rights: INSERT on logging.performance_logs and USAGE on its sequence.
INSERT INTO logging.performance_logs
       (timestamp, service, operation, duration_ms, avg_query_time, total_queries, slow_query_count, correlation_id, details)
SELECT r.at, $1, r.operation, r.ms, r.average, r.queries, r.slow, r.correlation_id, r.details::jsonb
  FROM unnest($2::timestamptz[], $3::text[], $4::numeric[], $5::numeric[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])
       AS r (at, operation, ms, average, queries, slow, correlation_id, details)
 ORDER BY r.at, r.operation;
