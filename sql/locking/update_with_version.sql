-- Changes one row where it still has the version that its editor read, and gives it as it is then.
-- $1 its id, $2 the version read, $3… the new values. :table, :id, :changes and :touched are identifiers (:changes pairs
-- them with parameters), put in by src/io/locking.ts, quoted. Rights: SELECT and UPDATE on the table.
-- Two editors who read the same version queue here for the row's lock; the second then finds another version.
UPDATE :table AS edited
SET :changes, version = edited.version + 1:touched
WHERE edited.:id = $1 AND edited.version = $2
RETURNING edited.*;
