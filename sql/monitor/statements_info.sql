-- The state of the statistics (evictions, last reset) and the server's clock, start and role, which decide over deltas.
-- Version 1.8 of the extension, which counts neither evictions nor resets. No parameters. Rights: none.
-- `stopped` names the settings that keep statements from being counted; NULL: none does.
SELECT NULL::float8 AS dealloc, NULL::text AS stats_reset,
       now() AS clock, pg_postmaster_start_time() AS started_at, pg_is_in_recovery() AS standby,
       -- All settings are looked through only where one of ours is off; what is set for our role alone says nothing.
       CASE WHEN current_setting('compute_query_id') = 'off' OR current_setting('pg_stat_statements.track', true) = 'none'
            THEN (SELECT string_agg(format('%s is %s', name, setting), ', ' ORDER BY name)
                    FROM pg_catalog.pg_settings
                   WHERE (name, setting) IN (('compute_query_id', 'off'), ('pg_stat_statements.track', 'none'))
                     AND source NOT IN ('session', 'client', 'user', 'database user')) END AS stopped;
