-- Deletes one batch of a log table's rows from before a time, the oldest first. Identifiers: schema, table, time: the
-- column with the time. $1: rows of before this time, $2: how many at most.
-- Rights: SELECT and DELETE on the table.
WITH batch AS MATERIALIZED (
    SELECT ctid AS at FROM :"schema".:"table" WHERE :"time" < $1::timestamptz ORDER BY :"time" LIMIT $2
), deleted AS (
    DELETE FROM :"schema".:"table" WHERE ctid = ANY (ARRAY(SELECT at FROM batch)) AND :"time" < $1::timestamptz RETURNING true
)
SELECT count(*)::integer AS deleted FROM deleted;
