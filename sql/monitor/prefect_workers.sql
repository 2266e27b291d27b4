-- Prefect's workers with a heartbeat of the last day, the silent ones first, and its work pools; at most 200 of each. A pool has
-- the number of its workers whose heartbeat is at most 90 s old, three times Prefect's own interval. Ages are the server's.
-- :"schema" is the one with Prefect's tables. No parameters. In Prefect's database, after prefect_tables has found the columns.
-- Rights: SELECT on worker and work_pool.
WITH workers AS MATERIALIZED (
    SELECT name, work_pool_id, last_heartbeat_time AS at, (extract(epoch FROM now()) - extract(epoch FROM last_heartbeat_time))::float8 AS seconds
      FROM :"schema".worker
     WHERE last_heartbeat_time > now() - interval '1 day'
     ORDER BY last_heartbeat_time DESC
     LIMIT 200
), pools AS MATERIALIZED (
    SELECT id, name, type, status, is_paused FROM :"schema".work_pool ORDER BY name LIMIT 200
)
SELECT 'worker' AS kind, w.name, p.name AS pool, NULL AS type, NULL AS status, NULL::boolean AS paused, w.at, w.seconds,
       (SELECT count(*) FROM workers AS o WHERE o.work_pool_id = w.work_pool_id AND o.seconds <= 90)::integer AS online
  FROM workers AS w
  LEFT JOIN pools AS p ON p.id = w.work_pool_id
 UNION ALL
SELECT 'pool', p.name, p.name, p.type, format('%s', p.status), p.is_paused, NULL, NULL,
       (SELECT count(*) FROM workers AS o WHERE o.work_pool_id = p.id AND o.seconds <= 90)::integer
  FROM pools AS p
 ORDER BY kind DESC, seconds DESC, name;
