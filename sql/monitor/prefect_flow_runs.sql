-- Flow runs that are late (due for over 15 s, not started and not ended), the oldest first; running ones, the longest first; and
-- those that failed or crashed within the last 24 hours, the newest first; at most 100 of each. Each with its flow's usual
-- duration: the median of its completed runs of the last week, of the last 2,000 of all flows, where there are at least three;
-- and whether a later run of the flow has completed. :"schema" is the one with Prefect's tables. Times are the server's.
-- No parameters. In Prefect's database, after prefect_tables has found the columns. Rights: SELECT on flow_run and flow.
WITH listed AS (
    (SELECT 'late' AS kind, id, flow_id, name, state_type, state_name, expected_start_time AS at
       FROM :"schema".flow_run
      WHERE start_time IS NULL AND expected_start_time < now() - interval '15 s'
        AND state_type NOT IN ('COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING')
      ORDER BY expected_start_time
      LIMIT 100)
     UNION ALL
    (SELECT 'running', id, flow_id, name, state_type, state_name, start_time
       FROM :"schema".flow_run
      WHERE state_type = 'RUNNING'
      ORDER BY start_time
      LIMIT 100)
     UNION ALL
    (SELECT 'failed', id, flow_id, name, state_type, state_name, state_timestamp
       FROM :"schema".flow_run
      WHERE state_type IN ('FAILED', 'CRASHED') AND state_timestamp > now() - interval '24 hours'
      ORDER BY state_timestamp DESC
      LIMIT 100)
), completed AS MATERIALIZED (
    SELECT flow_id, start_time, end_time
      FROM :"schema".flow_run
     WHERE state_type = 'COMPLETED' AND end_time > now() - interval '7 days'
     ORDER BY end_time DESC
     LIMIT 2000
), usual AS (
    SELECT flow_id, max(end_time) AS last_at, count(*) AS n,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY (extract(epoch FROM end_time) - extract(epoch FROM start_time))::float8) AS seconds
      FROM completed
     GROUP BY flow_id
)
SELECT l.kind, format('%s', l.id) AS id, f.name AS flow, l.name, format('%s', l.state_type) AS state_type, l.state_name, l.at,
       (extract(epoch FROM now()) - extract(epoch FROM l.at))::float8 AS seconds,
       CASE WHEN u.n >= 3 THEN u.seconds END                     AS usual_seconds,
       coalesce(u.last_at > l.at, false) AND l.kind = 'failed'   AS recovered
  FROM listed AS l
  LEFT JOIN :"schema".flow AS f ON f.id = l.flow_id
  LEFT JOIN usual AS u ON u.flow_id = l.flow_id
 ORDER BY array_position('{late,running,failed}', l.kind),
          CASE l.kind WHEN 'failed' THEN -extract(epoch FROM l.at) ELSE extract(epoch FROM l.at) END, l.id;
