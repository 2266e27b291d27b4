-- What the synchroniser measured of one of its operations over a span. $1 operation, $2 span in milliseconds,
-- $3 seconds a run, $4 runs, $5 slow ones, $6 details as JSON. Rights: INSERT on logging.performance_logs.
INSERT INTO logging.performance_logs (service, operation, duration_ms, avg_query_time, total_queries, slow_query_count, details)
VALUES ('sync', $1, $2::numeric, $3::numeric, $4::bigint, $5::bigint, $6::jsonb)
