-- Writes the services' performance since the last time, a row for each service and operation.
-- $1 service, $2 operation, $3 total milliseconds, $4 seconds a query, $5 queries, $6 slow ones; arrays.
-- Rights: INSERT on logging.performance_logs.
INSERT INTO logging.performance_logs (service, operation, duration_ms, avg_query_time, total_queries, slow_query_count)
SELECT r.service, r.operation, r.ms, r.average, r.queries, r.slow
  FROM unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::bigint[], $6::bigint[])
       AS r (service, operation, ms, average, queries, slow)
 ORDER BY r.service, r.operation;
