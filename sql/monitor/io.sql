-- Input and output by kind of process: PostgreSQL below 16 does not count it, so there are no rows.
-- No parameters. Rights: none.
SELECT ''::text AS backend, 0::float8 AS reads, 0::float8 AS read_bytes, NULL::float8 AS read_ms,
       0::float8 AS writes, 0::float8 AS written_bytes, NULL::float8 AS write_ms, 0::float8 AS extends,
       NULL::timestamptz AS stats_reset
 WHERE false;
