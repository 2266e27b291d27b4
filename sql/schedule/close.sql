-- Closes a run that was never begun: missed, or skipped. $1 job, $2 due, $3 start by, $4 stop at, $5 outcome, $6 why.
-- Rights: SELECT, INSERT and UPDATE on shared.maintenance_runs.
INSERT INTO shared.maintenance_runs AS r (job, due_at, start_by, stop_at, outcome, detail)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (job, due_at) DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail
    WHERE r.started_at IS NULL AND r.outcome IS NULL
RETURNING r.job;
