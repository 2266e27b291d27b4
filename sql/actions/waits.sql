-- Who waits for a lock, and for whom: a row for each waiting session and each one that it waits for, of at most 200 waiting
-- sessions, since each call of pg_blocking_pids stops the lock manager for a moment. A prepared transaction is pid 0.
-- Rights: pg_read_all_stats to see other roles' waits.
WITH waiting AS MATERIALIZED (
    SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' ORDER BY query_start, pid LIMIT 200
)
SELECT w.pid, b.blocker
  FROM waiting AS w
 CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids(w.pid)) AS blocker) AS b
 ORDER BY w.pid, b.blocker;
