-- The last run of an action on a target by anybody, and how it ended, where that was recorded.
-- $1: action, $2: target, $3: its table. `who` is what the client said; db_user is what the server knows, so that a record
-- under another's name is told from a true one. An end counts only if the same database user wrote it.
-- Rights: SELECT on shared.audit_log.
SELECT s.timestamp::text   AS at,
       s.user_id           AS who,
       s.db_user,
       s.client,
       s.backend_pid       AS pid,
       e.result,
       e.duration_ms::float8 AS ms,
       e.rows
FROM shared.audit_log AS s
LEFT JOIN LATERAL (
    SELECT a.result, a.duration_ms, a.rows
    FROM shared.audit_log AS a
    WHERE a.table_name = s.table_name
      AND a.timestamp >= s.timestamp
      AND a.correlation_id = s.correlation_id
      AND a.db_user = s.db_user
      AND a.result <> 'started'
    ORDER BY a.id
    LIMIT 1
) AS e ON true
WHERE s.table_name = left($3, 200)
  AND s.operation = $1
  AND s.target = $2
  AND s.result = 'started'
ORDER BY s.timestamp DESC, s.id DESC
LIMIT 1;
