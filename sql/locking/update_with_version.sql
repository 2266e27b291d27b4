-- Changes one row if it still has the version that its editor read, and returns the changed row.
-- $1 its id, $2 the version read, $3… the new values; identifiers: schema, table, id (the key's column), column (a list,
-- one for each value), touched (the time of the last change; an empty list where the table has none).
-- Rights: SELECT and UPDATE on the table.
-- Two editors who read the same version queue here for the row's lock; the second then finds another version.
UPDATE :"schema".:"table" AS edited
SET
    :"column" = $3,
    :"touched" = now(),
    version = edited.version + 1
WHERE edited.:"id" = $1 AND edited.version = $2
RETURNING edited.*;
