-- Sets one setting for the transaction, and returns the statement that stores it for a database, or for a role in it: FROM
-- CURRENT, since a list cannot be told from a text with commas. Inside a transaction. Rights: those that the setting needs.
-- $1 database, $2 role or null, $3 setting, $4 value.
SELECT format('ALTER %s SET %I FROM CURRENT',
           CASE WHEN $2::text IS NULL THEN format('DATABASE %I', $1::text) ELSE format('ROLE %I IN DATABASE %I', $2, $1) END,
           $3::text) AS statement
FROM set_config($3, $4, true);
