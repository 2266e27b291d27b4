-- Runs of this database user that have begun in the last week, have no recorded end, and whose session is gone: their console
-- died. Not those of the last half minute, whose console may still write their end. Oldest first. No parameters.
-- Rights: SELECT on shared.audit_log; pg_read_all_stats for sessions of other roles.
SELECT s.id::text, s.operation, s.target, s.timestamp::text AS at, s.user_id, s.backend_pid, s.detail::text AS detail
FROM shared.audit_log AS s
WHERE s.timestamp BETWEEN now() - interval '7 days' AND now() - interval '30 seconds'
  AND s.result = 'started'
  AND s.db_user = session_user
  AND s.correlation_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = s.backend_pid AND a.backend_start <= s.timestamp)
  AND NOT EXISTS (SELECT FROM shared.audit_log AS e
                   WHERE e.table_name = s.table_name AND e.timestamp >= s.timestamp
                     AND e.correlation_id = s.correlation_id AND e.db_user = s.db_user AND e.result <> 'started')
ORDER BY s.id
LIMIT 100;
