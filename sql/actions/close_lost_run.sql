-- Records the end of a run whose console died, unless it has one or another console is about to. Returns a row where it did.
-- $1: its first record, $2: who looked, $3: detail (JSON), $4: OS user, $5: client.
-- Rights: SELECT and INSERT on shared.audit_log, USAGE on its sequence.
INSERT INTO shared.audit_log (user_id, operation, table_name, target, result, detail, correlation_id, os_user, client)
SELECT $2, s.operation, s.table_name, s.target, 'lost', $3::jsonb, s.correlation_id, $4, $5
FROM shared.audit_log AS s
WHERE s.id = $1::bigint
  AND pg_try_advisory_xact_lock(hashtextextended('tradetop lost ' || s.correlation_id, 0))
  AND NOT EXISTS (SELECT FROM shared.audit_log AS e
                   WHERE e.table_name = s.table_name AND e.timestamp >= s.timestamp
                     AND e.correlation_id = s.correlation_id AND e.db_user = s.db_user AND e.result <> 'started')
RETURNING true AS closed;
