-- Takes the months out of a table that ended more than so many days ago; they stay as tables. $1 table, $2 days.
-- The table is locked AccessExclusive for the moment that the catalogue takes. Rights: EXECUTE on the function, which works
-- with its owner's rights, refuses a retention under 1 day and gives up waiting for a lock after 1 s.
SELECT d.partition, to_char(d.from_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month
FROM shared.detach_old_partitions($2::integer, $1) AS d;
