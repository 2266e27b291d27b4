-- The server and this database: sessions and counters, in one row.
-- No parameters. Rights: none; without pg_read_all_stats only our own sessions' states are visible (reads_all_stats).
WITH clients AS MATERIALIZED (
    SELECT state, wait_event_type, xact_start,
           usename = current_user AND application_name = current_setting('application_name') AS ours
      FROM pg_catalog.pg_stat_activity
     WHERE usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
)
SELECT current_setting('server_version')                                       AS version,
       current_database()                                                      AS database,
       current_user                                                            AS "user",
       pg_is_in_recovery()                                                     AS standby,
       pg_postmaster_start_time()                                              AS started_at,
       now()                                                                   AS clock,
       (SELECT count(*) FROM clients)::integer                                 AS sessions,
       (SELECT count(*) FROM clients WHERE state IN ('active', 'fastpath function call') AND NOT ours)::integer
                                                                               AS active,
       (SELECT count(*) FROM clients WHERE wait_event_type = 'Lock')::integer  AS waiting,
       current_setting('max_connections')::integer                             AS max_connections,
       greatest(0,
                (SELECT max(extract(epoch FROM now() - xact_start)) FROM clients WHERE NOT ours),
                (SELECT max(extract(epoch FROM now() - prepared)) FROM pg_catalog.pg_prepared_xacts)
       )::float8                                                               AS oldest_xact_seconds,
       -- A standby that still catches up counts as well; those of other roles are hidden without pg_read_all_stats.
       (SELECT count(*) FROM pg_stat_get_wal_senders() WHERE state IN ('streaming', 'catchup'))::integer
                                                                               AS standbys,
       d.stats_reset,
       (d.xact_commit + d.xact_rollback)::float8                               AS transactions,
       d.blks_hit::float8                                                      AS blocks_hit,
       d.blks_read::float8                                                     AS blocks_read,
       d.deadlocks::float8                                                     AS deadlocks,
       -- A standby has no insert position; one without streaming has no receive position either.
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
                            THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                            ELSE pg_current_wal_lsn() END, '0/0')::float8      AS wal_bytes,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage')                 AS reads_all_stats,
       -- Up to this column: the rest of the round trip is the network and the driver.
       (extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)::float8 AS worked_ms
  FROM pg_catalog.pg_stat_database AS d
 WHERE d.datname = current_database();
