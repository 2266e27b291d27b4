-- Input and output by kind of process, WAL left out: the counters have that. Times are NULL without track_io_timing.
-- No parameters. Rights: none.
SELECT backend_type AS backend, sum(coalesce(reads, 0))::float8 AS reads,
       sum(coalesce(read_bytes, 0))::float8 AS read_bytes, sum(read_time)::float8 AS read_ms,
       sum(coalesce(writes, 0))::float8 AS writes, sum(coalesce(write_bytes, 0))::float8 AS written_bytes,
       sum(write_time)::float8 AS write_ms, sum(coalesce(extends, 0))::float8 AS extends,
       max(stats_reset) AS stats_reset
  FROM pg_catalog.pg_stat_io
 WHERE object <> 'wal'
 GROUP BY backend_type
 ORDER BY backend_type;
