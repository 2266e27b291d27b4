-- A log table's rows from before a time. Identifiers: schema, table, time: the column with the time. $1: the age in days,
-- or null where $2 is the time itself; $3: the table's name; $4: no more than so many are counted.
-- Rights: SELECT on the table; `may` is whether this role may delete them.
WITH cut AS (
    SELECT coalesce($2::timestamptz, now() - make_interval(days => $1)) AS at
)
SELECT cut.at::text AS cutoff,
       (SELECT count(*) FROM (SELECT FROM :"schema".:"table" WHERE :"time" < cut.at LIMIT $4) AS old) AS rows,
       (SELECT min(:"time")::text FROM :"schema".:"table" WHERE :"time" < cut.at) AS oldest,
       has_table_privilege($3::regclass, 'DELETE') AS may
FROM cut;
