-- Writes one record of the audit log and returns its id.
-- $1 user, $2 operation, $3 table, $4 target, $5 statement, $6 rows, $7 milliseconds, $8 result, $9 detail (json),
-- $10 correlation id, $11 OS user, $12 client. The server fills in time, database user, address and process.
-- Rights: INSERT on these columns and USAGE on the sequence. Whoever may write here may not read, hence currval.
WITH written AS (
    INSERT INTO shared.audit_log (user_id, operation, table_name, target, statement, rows, duration_ms, result, detail,
        correlation_id, os_user, client)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    RETURNING true
)
SELECT currval('shared.audit_log_id_seq') AS id FROM written;
