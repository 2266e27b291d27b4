-- What a session runs, or ran last, as it was sent. $1 pid, $2 its start in microseconds since 1970. No rows: it is gone.
-- Rights: pg_read_all_stats; without it the text is not that of the statement.
SELECT coalesce(query, '') AS query, usename::text AS role, datname::text AS database,
       octet_length(query) >= pg_size_bytes(current_setting('track_activity_query_size')) - 1 AS cut
  FROM pg_catalog.pg_stat_activity
 WHERE pid = $1::integer
   AND (extract(epoch FROM backend_start) * 1000000)::bigint = $2::bigint;
