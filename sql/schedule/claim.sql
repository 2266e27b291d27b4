-- Begins a run, unless anybody has begun or closed it: of all schedulers one gets a row.
-- $1 job, $2 due, $3 start by, $4 stop at, $5 host. Rights: SELECT, INSERT and UPDATE on shared.maintenance_runs.
INSERT INTO shared.maintenance_runs AS r (job, due_at, start_by, stop_at, host, started_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp())
ON CONFLICT (job, due_at) DO UPDATE
    SET start_by = excluded.start_by, stop_at = excluded.stop_at, host = excluded.host, started_at = excluded.started_at
    WHERE r.started_at IS NULL AND r.outcome IS NULL
RETURNING r.started_at::text AS started_at;
