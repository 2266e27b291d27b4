-- The operations of services whose queries were slow in a span, the most first; at most 200 rows.
-- Parameters: $1 from, $2 to. Rights: SELECT on logging.performance_logs.
SELECT service, operation, sum(slow_query_count)::text AS slow, sum(total_queries)::text AS queries,
       round(1000 * sum(avg_query_time * total_queries)
             / nullif(sum(total_queries) FILTER (WHERE avg_query_time IS NOT NULL), 0), 3)::text AS mean_ms,
       max("timestamp") AS last_at
  FROM logging.performance_logs
 WHERE "timestamp" >= $1::timestamptz AND "timestamp" < $2::timestamptz AND slow_query_count > 0
 GROUP BY service, operation
 ORDER BY sum(slow_query_count) DESC, service, operation
 LIMIT 200;
