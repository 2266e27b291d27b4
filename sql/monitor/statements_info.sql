-- The state of the statistics (evictions, last reset) and the server's clock, start and role, which decide over deltas.
-- Version 1.8 of the extension, which counts neither evictions nor resets. No parameters. Rights: none.
SELECT NULL::float8 AS dealloc, NULL::text AS stats_reset,
       now() AS clock, pg_postmaster_start_time() AS started_at, pg_is_in_recovery() AS standby;
