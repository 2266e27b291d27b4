-- The state of the statistics (evictions, last reset) and the server's clock, start and role, which decide over deltas.
-- Versions 1.9 and newer of the extension. :"schema" the extension's schema. Rights: none.
SELECT dealloc::float8 AS dealloc, stats_reset,
       now() AS clock, pg_postmaster_start_time() AS started_at, pg_is_in_recovery() AS standby
  FROM :"schema".pg_stat_statements_info();
