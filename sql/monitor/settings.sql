-- The settings that decide most about speed and safety, those that are not as PostgreSQL ships them, and those that wait
-- for a restart: at most 100. No parameters. Rights: none; those that only pg_read_all_settings may see are left out, and
-- so is what may carry a password.
SELECT name, left(coalesce(reset_val, ''), 200) AS value, coalesce(unit, '') AS unit, source, pending_restart,
       left(coalesce(boot_val, ''), 200) AS shipped
  FROM pg_catalog.pg_settings
 WHERE name IN ('shared_buffers', 'work_mem', 'maintenance_work_mem', 'effective_cache_size', 'max_wal_size',
                'checkpoint_timeout', 'synchronous_commit', 'fsync', 'full_page_writes', 'wal_level', 'archive_mode',
                'autovacuum', 'autovacuum_max_workers', 'autovacuum_vacuum_cost_limit', 'random_page_cost',
                'effective_io_concurrency', 'max_connections', 'statement_timeout', 'lock_timeout',
                'idle_in_transaction_session_timeout', 'max_slot_wal_keep_size', 'hot_standby_feedback',
                'track_io_timing', 'log_min_duration_statement', 'max_prepared_transactions', 'jit')
    OR pending_restart
    OR (source IN ('configuration file', 'command line', 'environment variable') AND boot_val IS DISTINCT FROM reset_val
        AND context <> 'internal' AND category NOT LIKE 'File Locations%' AND category NOT LIKE 'Client Connection%'
        AND name NOT LIKE '%conninfo%' AND name NOT LIKE '%passphrase%' AND name NOT LIKE '%command%'
        AND name NOT LIKE 'log%' AND name NOT LIKE 'lc%')
 ORDER BY pending_restart DESC, name
 LIMIT 100;
