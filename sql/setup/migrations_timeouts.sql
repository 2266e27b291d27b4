-- Limits a migration's wait for a table's lock, since all others queue behind it, and lets names that it does not qualify be
-- PostgreSQL's own, as psql's way does. Until the transaction ends. Rights: none.
SELECT set_config('lock_timeout', '5s', true), set_config('search_path', 'pg_catalog, pg_temp', true);
