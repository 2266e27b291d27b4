-- Detaches a table's months that ended more than $2 days ago; they stay as tables. $1: table, $2: days.
-- It locks the table AccessExclusive for as long as the catalogue's change takes.
-- Rights: EXECUTE on the function, which runs with its owner's rights and a lock timeout of 1 s, and refuses a
-- retention of less than 1 day.
SELECT d.partition, to_char(d.from_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month
FROM shared.detach_old_partitions($2::integer, $1) AS d;
