-- Takes over one setting of a database, or of a role in it, and gives the statement that keeps it there: FROM CURRENT,
-- since a list cannot be told from a text that holds commas. Within a transaction. Rights: those that the setting asks for.
-- $1 database, $2 role or null, $3 setting, $4 value.
SELECT format('ALTER %s SET %I FROM CURRENT',
           CASE WHEN $2::text IS NULL THEN format('DATABASE %I', $1::text) ELSE format('ROLE %I IN DATABASE %I', $2, $1) END,
           $3::text) AS statement
FROM set_config($3, $4, true);
