-- Flow runs that are late (due for over 15 s, not started and not ended), that are running, and that failed or crashed within the
-- last 24 hours. :"schema" is the one with Prefect's tables.
-- No parameters. In Prefect's database, after prefect_tables has found the columns. Rights: SELECT on flow_run.
SELECT (SELECT count(*)
          FROM :"schema".flow_run
         WHERE start_time IS NULL AND expected_start_time < now() - interval '15 s'
           AND state_type NOT IN ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING'))::integer AS late_runs,
       (SELECT count(*)
          FROM :"schema".flow_run
         WHERE state_type = 'RUNNING')::integer                                             AS running_runs,
       (SELECT count(*)
          FROM :"schema".flow_run
         WHERE state_type IN ('FAILED', 'CRASHED')
           AND state_timestamp > now() - interval '24 hours')::integer                      AS failed_runs;
