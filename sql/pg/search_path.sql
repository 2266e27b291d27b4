-- Lets names that a statement does not qualify be PostgreSQL's own, whatever the database or the role has set, so that nobody's
-- function or operator comes before them. Not behind a pooler, which would leave it to others.
-- $1 the process that the login named. Rights: none.
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false) AS search_path
WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) $1::pg_catalog.int4;
