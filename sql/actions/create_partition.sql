-- Creates one month's partition as a table and attaches it, unless it exists. $1: table, $2: the month's first day.
-- Reads and writes continue: it locks the table ShareUpdateExclusive, its default partition briefly AccessExclusive.
-- Rights: EXECUTE on the function, which runs with its owner's rights and a lock timeout of 2 s.
SELECT shared.create_monthly_partition($1, $2::date) AS result;
