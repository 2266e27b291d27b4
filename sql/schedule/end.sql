-- Ends a run that was begun, unless somebody has closed it meanwhile. $1 job, $2 due, $3 outcome, $4 what was done.
-- Rights: SELECT and UPDATE on shared.maintenance_runs.
UPDATE shared.maintenance_runs
SET ended_at = clock_timestamp(), outcome = $3, detail = $4
WHERE job = $1 AND due_at = $2 AND started_at IS NOT NULL AND outcome IS NULL
RETURNING ended_at::text AS ended_at;
