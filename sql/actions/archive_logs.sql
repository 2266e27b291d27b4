-- Moves one batch of old log lines into the archive, oldest first, in one statement. If it archives another number of
-- lines than it deletes, it fails (division by zero) and is rolled back. Lines that other sessions have locked are left
-- to the next run. By where the rows lie: a join by id would read the whole table for each batch while its statistics are
-- old. $1: lines written before this time, $2: how many at most.
-- Rights: SELECT, UPDATE and DELETE on logging.system_logs, INSERT and SELECT on logging.archived_system_logs.
WITH batch AS (
    SELECT ctid
    FROM logging.system_logs
    WHERE created_at < $1::timestamptz
    ORDER BY created_at, id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), moved AS (
    DELETE FROM logging.system_logs AS l
    WHERE l.ctid = ANY (ARRAY(SELECT b.ctid FROM batch AS b))
    RETURNING l.id, l.timestamp, l.service, l.level, l.event_type, l.message, l.correlation_id, l.context, l.created_at
), archived AS (
    INSERT INTO logging.archived_system_logs
        (id, timestamp, service, level, event_type, message, correlation_id, context, created_at)
    SELECT id, timestamp, service, level, event_type, message, correlation_id, context, created_at
    FROM moved
    RETURNING id
)
SELECT d.n::integer AS deleted,
       CASE WHEN d.n = a.n THEN a.n ELSE a.n / 0 END::integer AS archived
FROM (SELECT count(*) AS n FROM moved) AS d,
     (SELECT count(*) AS n FROM archived) AS a;
