-- Keeps the next run of each job as a row that nobody has started, so that everybody sees when it is due, and when it was
-- missed. A planned row that is not wanted any more goes, a wanted one that differs is put right.
-- $1 jobs, $2 due, $3 start by, $4 stop at: arrays of the same length. Gives the jobs whose row changed.
-- Rights: SELECT, INSERT, UPDATE and DELETE on shared.maintenance_runs.
WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
        AS w (job, due_at, start_by, stop_at)
), gone AS (
    DELETE FROM shared.maintenance_runs AS r
    WHERE r.started_at IS NULL AND r.outcome IS NULL
      AND (r.due_at > clock_timestamp() OR NOT EXISTS (SELECT FROM wanted AS w WHERE w.job = r.job))
      AND NOT EXISTS (SELECT FROM wanted AS w WHERE w.job = r.job AND w.due_at = r.due_at)
    RETURNING r.job
), kept AS (
    INSERT INTO shared.maintenance_runs AS r (job, due_at, start_by, stop_at)
    SELECT job, due_at, start_by, stop_at FROM wanted
    ON CONFLICT (job, due_at) DO UPDATE SET start_by = excluded.start_by, stop_at = excluded.stop_at
        WHERE r.started_at IS NULL AND r.outcome IS NULL
          AND (r.start_by, r.stop_at) IS DISTINCT FROM (excluded.start_by, excluded.stop_at)
    RETURNING r.job
)
SELECT job FROM gone UNION SELECT job FROM kept;
