-- A worker's sign of life. $1 worker, $2 mode, $3 host, $4 pid, $5 started at, $6 safe since (NULL: nothing yet),
-- $7 statistics as JSON, $8 whether it stops now. Returns what the database's clock says. Rights: SELECT, INSERT, UPDATE on analytics.sync_workers.
INSERT INTO analytics.sync_workers AS w
       (worker, mode, host, pid, started_at, heartbeat_at, safe_at, stats, stopped_at)
VALUES ($1, $2, $3, $4::integer, $5::timestamptz, now(), $6::timestamptz, $7::jsonb,
        CASE WHEN $8::boolean THEN now() END)
    ON CONFLICT (worker) DO UPDATE
   SET mode = excluded.mode, host = excluded.host, pid = excluded.pid, started_at = excluded.started_at,
       heartbeat_at = excluded.heartbeat_at, safe_at = coalesce(excluded.safe_at, w.safe_at),
       stats = excluded.stats, stopped_at = excluded.stopped_at
RETURNING clock_timestamp()::text AS clock
