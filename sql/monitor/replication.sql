-- Who receives from this server, how far behind each is, and on a standby how far it is itself behind (`self`).
-- No parameters. Rights: pg_read_all_stats; without it state and positions of other roles' are NULL.
SELECT 'standby' AS kind, s.pid, s.usename::text AS role, coalesce(s.application_name, '') AS name,
       coalesce(host(s.client_addr), 'local') AS client, s.state, s.sync_state,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                       s.replay_lsn)::float8 AS lag_bytes,
       extract(epoch FROM s.write_lag)::float8 AS write_seconds,
       extract(epoch FROM s.flush_lag)::float8 AS flush_seconds,
       extract(epoch FROM s.replay_lag)::float8 AS replay_seconds
  FROM pg_catalog.pg_stat_replication AS s
 UNION ALL
SELECT 'self', r.pid, NULL, coalesce(r.slot_name, ''), coalesce(r.sender_host, ''),
       CASE WHEN r.pid IS NULL THEN 'not receiving' ELSE coalesce(r.status, 'streaming') END,
       CASE WHEN pg_is_wal_replay_paused() THEN 'paused' END,
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::float8,
       NULL::float8, NULL::float8,
       -- Where all that was received is replayed there is no lag, however long ago the last transaction was.
       CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 END
  FROM (SELECT) AS one
  LEFT JOIN pg_catalog.pg_stat_wal_receiver AS r ON true
 WHERE pg_is_in_recovery()
 ORDER BY kind, lag_bytes DESC NULLS LAST, pid
 LIMIT 50;
