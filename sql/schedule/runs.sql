-- The runs that can matter to a decision now: those of the last three days, and all that are planned or not ended.
-- `free`: nobody holds the schedulers' lock, so that a run that has not ended is of a scheduler that is gone.
-- $1: the lock's name. Rights: SELECT on shared.maintenance_runs.
SELECT r.job, r.due_at::text, r.start_by::text, r.stop_at::text, r.host, r.started_at::text, r.ended_at::text, r.outcome,
       NOT EXISTS (
           SELECT FROM pg_locks AS l
           WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended($1, 0)
       ) AS free
FROM shared.maintenance_runs AS r
WHERE r.outcome IS NULL OR r.due_at > now() - interval '3 days'
ORDER BY r.due_at, r.job;
