-- Records a worker's heartbeat.
-- Parameters: $1 worker, $2 mode, $3 host, $4 pid, $5 started at, $6 safe until (NULL: unknown), $7 statistics as JSON,
-- $8 whether the worker stops now. Returns the time of the database's clock, the events in quarantine, the trades in the
-- ledger as the planner estimates them, and how many workers of its mode live, this one included.
-- Rights: SELECT, INSERT, UPDATE on analytics.sync_workers; SELECT on analytics.sync_quarantine.
INSERT INTO analytics.sync_workers AS w
       (worker, mode, host, pid, started_at, heartbeat_at, safe_at, stats, stopped_at)
VALUES ($1, $2, $3, $4::integer, $5::timestamptz, now(), $6::timestamptz, $7::jsonb,
        CASE WHEN $8::boolean THEN now() END)
    ON CONFLICT (worker) DO UPDATE
   SET mode = excluded.mode, host = excluded.host, pid = excluded.pid, started_at = excluded.started_at,
       heartbeat_at = excluded.heartbeat_at, safe_at = coalesce(excluded.safe_at, w.safe_at),
       stats = excluded.stats, stopped_at = excluded.stopped_at
RETURNING clock_timestamp()::text AS clock,
          1 + (SELECT count(*) FROM analytics.sync_workers
                WHERE worker <> $1 AND mode = $2 AND stopped_at IS NULL
                  AND heartbeat_at > now() - interval '5 s')::integer AS workers,
          (SELECT count(*) FROM analytics.sync_quarantine WHERE resolved_at IS NULL)::text AS quarantine,
          (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'analytics.sync_ledger'::regclass)::text AS ledger
