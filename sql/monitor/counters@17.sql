-- Counters and limits of the whole server: WAL, checkpoints, the background writer, the archiver, temporary files,
-- deadlocks, checksum failures of all databases, connections by kind, and the age of the oldest transaction id.
-- One row. From PostgreSQL 17 on checkpoints have a view of their own, and what backends write is in pg_stat_io.
-- No parameters. Rights: none; pg_read_all_stats for connections of other roles.
SELECT now() AS clock, pg_postmaster_start_time() AS started_at, pg_is_in_recovery() AS standby,
       w.wal_records::float8 AS wal_records, w.wal_fpi::float8 AS wal_images, w.wal_bytes::float8 AS wal_bytes,
       w.wal_buffers_full::float8 AS wal_buffers_full, w.stats_reset AS wal_reset,
       k.num_timed::float8 AS checkpoints_timed, k.num_requested::float8 AS checkpoints_requested,
       k.write_time AS checkpoint_write_ms, k.sync_time AS checkpoint_sync_ms,
       k.buffers_written::float8 AS buffers_checkpoint, b.buffers_clean::float8 AS buffers_cleaned,
       b.maxwritten_clean::float8 AS cleaner_stopped, b.buffers_alloc::float8 AS buffers_allocated,
       NULL::float8 AS buffers_backend, k.stats_reset AS checkpoints_reset,
       a.archived_count::float8 AS archived, a.failed_count::float8 AS archive_failures,
       a.last_archived_time AS last_archived_at, a.last_failed_time AS last_archive_failure_at,
       current_setting('archive_mode') AS archive_mode,
       d.*,
       c.connections, c.replicating,
       current_setting('max_connections')::integer AS max_connections,
       coalesce(current_setting('superuser_reserved_connections', true)::integer, 0)
         + coalesce(current_setting('reserved_connections', true)::integer, 0) AS reserved_connections,
       (SELECT max(age(datfrozenxid)) FROM pg_catalog.pg_database)::float8 AS xid_age,
       (SELECT max(mxid_age(datminmxid)) FROM pg_catalog.pg_database)::float8 AS multixact_age,
       (SELECT datname::text FROM pg_catalog.pg_database
         ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) DESC LIMIT 1) AS oldest_database
  FROM pg_catalog.pg_stat_wal AS w
 CROSS JOIN pg_catalog.pg_stat_bgwriter AS b
 CROSS JOIN pg_catalog.pg_stat_checkpointer AS k
 CROSS JOIN pg_catalog.pg_stat_archiver AS a
 CROSS JOIN (SELECT sum(temp_files)::float8 AS temp_files, sum(temp_bytes)::float8 AS temp_bytes,
                    sum(deadlocks)::float8 AS deadlocks, sum(conflicts)::float8 AS conflicts,
                    sum(blks_hit)::float8 AS blocks_hit, sum(blks_read)::float8 AS blocks_read,
                    sum(checksum_failures)::float8 AS checksum_failures,
                    max(checksum_last_failure) AS last_checksum_failure_at,
                    sum(xact_rollback)::float8 AS rollbacks, sum(xact_commit)::float8 AS commits,
                    sum(sessions_abandoned + sessions_fatal + sessions_killed)::float8 AS sessions_lost,
                    max(stats_reset) AS databases_reset
               FROM pg_catalog.pg_stat_database) AS d
 CROSS JOIN (SELECT count(*) FILTER (WHERE backend_type IS DISTINCT FROM 'walsender')::integer AS connections,
                    count(*) FILTER (WHERE backend_type = 'walsender')::integer AS replicating
               FROM pg_catalog.pg_stat_activity
              WHERE usesysid IS NOT NULL
                AND coalesce(backend_type, 'client backend') IN ('client backend', 'walsender')) AS c;
