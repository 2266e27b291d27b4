-- Records what one of the synchroniser's own operations cost over a span of time.
-- Parameters: $1 operation, $2 span in milliseconds, $3 seconds a run, $4 runs, $5 slow runs, $6 details as JSON.
-- Rights: INSERT on logging.performance_logs.
INSERT INTO logging.performance_logs (service, operation, duration_ms, avg_query_time, total_queries, slow_query_count, details)
VALUES ('sync', $1, $2::numeric, $3::numeric, $4::bigint, $5::bigint, $6::jsonb)
