-- Closes the runs whose scheduler is gone. Only whoever holds the schedulers' lock may run this: nobody else works then.
-- Gives what it closed. No parameters. Rights: SELECT and UPDATE on shared.maintenance_runs.
UPDATE shared.maintenance_runs
SET ended_at = clock_timestamp(), outcome = 'failed',
    detail = format('Cut off: the scheduler on %s was killed, or lost the server, during the run.', host)
WHERE started_at IS NOT NULL AND outcome IS NULL
RETURNING job, due_at::text AS due_at, host;
