-- What operators did to trades; the newest 5,000, the oldest first. Parameters: $1 trade ids, an array.
-- Rights: SELECT on shared.audit_log.
SELECT id::text, at, user_id, operation, target, result, reason
  FROM (SELECT id, "timestamp" AS at, user_id, operation, target, result,
               left(detail #>> '{changes,0,after,reason}', 300) AS reason
          FROM shared.audit_log
         WHERE table_name = 'execution.trades' AND left(target, 100) = ANY ($1::text[])
         ORDER BY id DESC
         LIMIT 5000) AS newest
 ORDER BY id;
