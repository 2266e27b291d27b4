-- What the services measured of their own queries in the last $1 seconds, a row a service: how many, how many slow ones, the mean
-- time in seconds (NULL: none was measured), and the slowest that it told of, with its time in milliseconds. At most 100 services,
-- each found by the index. Rights: SELECT on logging.performance_logs.
WITH RECURSIVE names AS (
    (SELECT service, 1 AS n FROM logging.performance_logs ORDER BY service LIMIT 1)
     UNION ALL
    SELECT (SELECT p.service FROM logging.performance_logs AS p WHERE p.service > names.service ORDER BY p.service LIMIT 1),
           n + 1
      FROM names
     WHERE service IS NOT NULL AND n < 100
)
SELECT names.service, m.queries, m.slow, m.mean_seconds, w.ms AS slowest_ms, left(w.statement, 1000) AS slowest
  FROM names
 CROSS JOIN LATERAL (SELECT sum(total_queries)::float8                 AS queries,
                            coalesce(sum(slow_query_count), 0)::float8 AS slow,
                            (sum(avg_query_time * total_queries)
                                / sum(total_queries) FILTER (WHERE avg_query_time IS NOT NULL))::float8 AS mean_seconds
                       FROM logging.performance_logs AS p
                      WHERE p.service = names.service
                        AND p.timestamp BETWEEN now() - make_interval(secs => $1) AND now() + interval '5 s'
                        AND p.total_queries > 0) AS m
  LEFT JOIN LATERAL (SELECT p.duration_ms::float8 AS ms, p.details ->> 'statement' AS statement
                       FROM logging.performance_logs AS p
                      WHERE p.service = names.service
                        AND p.timestamp BETWEEN now() - make_interval(secs => $1) AND now() + interval '5 s'
                        AND p.total_queries IS NULL
                        AND p.duration_ms > 0
                        AND p.details ? 'statement'
                      ORDER BY p.duration_ms DESC
                      LIMIT 1) AS w ON true
 WHERE m.queries > 0
 ORDER BY names.service;
