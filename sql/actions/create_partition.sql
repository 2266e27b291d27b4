-- Makes one month's partition beside the table and attaches it, unless it is there. $1 table, $2 the month's first day.
-- Reads and writes go on: the table is locked ShareUpdateExclusive, its default partition for a moment AccessExclusive.
-- Rights: EXECUTE on the function, which works with its owner's rights and gives up waiting for a lock after 2 s.
SELECT shared.create_monthly_partition($1, $2::date) AS result;
