-- Months (UTC) that rows in a default partition wait for, oldest first: one look at the index for each. Times that are no
-- month's (infinite, or before the year 1) are left out. :"schema", :"table" the default partition, :"key" its time column.
-- $1 how many months at most. Rights: SELECT on the default partition.
WITH RECURSIVE waiting AS (
    SELECT date_trunc('month', min(:"key") AT TIME ZONE 'UTC') AS month
    FROM :"schema".:"table"
    WHERE :"key" >= '0001-01-01Z' AND :"key" < '9999-12-01Z'
    UNION ALL
    SELECT (SELECT date_trunc('month', min(:"key") AT TIME ZONE 'UTC') FROM :"schema".:"table"
            WHERE :"key" >= (waiting.month + interval '1 month') AT TIME ZONE 'UTC' AND :"key" < '9999-12-01Z')
    FROM waiting
    WHERE waiting.month IS NOT NULL
)
SELECT month::date::text AS month FROM waiting WHERE month IS NOT NULL LIMIT $1;
