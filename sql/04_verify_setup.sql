-- tradetop, step 4 of 4: verification of the set-up.
--
--   psql -U postgres -h HOST -p PORT -d trading_system -f sql/04_verify_setup.sql
--
-- Runs every check of sql/verify/setup_*.sql, which return a row for each violation, prints these rows and a line for each
-- check, and ends with an error if one failed (a warning is not a failure). Changes nothing. `tradetop verify` runs the same
-- checks, and those of the data and of the server's health.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned
\pset fieldsep ': '
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
SET timezone = 'UTC';
DROP TABLE IF EXISTS pg_temp.verified;
CREATE TEMP TABLE verified (id text, result text, violations bigint);

CREATE OR REPLACE FUNCTION pg_temp.say(check_id text, severity text, title text, violations bigint)
RETURNS text LANGUAGE sql AS $$
INSERT INTO pg_temp.verified VALUES (check_id, CASE WHEN violations = 0 THEN 'pass' ELSE severity END, violations)
RETURNING format('%s  %s  %s', rpad(upper(result), 4), rpad(check_id, 24), title)
    || CASE WHEN violations = 0 THEN '' ELSE format(': %s not so', violations) END
$$;

\ir verify/setup_databases.sql
SELECT pg_temp.say('setup_databases', 'warn', 'The database is UTF-8 and sorts alike on every system', :ROW_COUNT);
\ir verify/setup_prefect.sql
SELECT pg_temp.say('setup_prefect', 'warn', 'Prefect has its database', :ROW_COUNT);
\ir verify/setup_schemas.sql
SELECT pg_temp.say('setup_schemas', 'fail', 'The eight schemas are there', :ROW_COUNT);
\ir verify/setup_tables.sql
SELECT pg_temp.say('setup_tables', 'fail', 'Every table is there, and belongs to its owner', :ROW_COUNT);
\ir verify/setup_columns.sql
SELECT pg_temp.say('setup_columns', 'fail', 'Every column is there, with its type', :ROW_COUNT);
\ir verify/setup_desk_columns.sql
SELECT pg_temp.say('setup_desk_columns', 'fail', 'Every column of the desk’s states and records is there, with its type',
    :ROW_COUNT);
\ir verify/setup_sync_columns.sql
SELECT pg_temp.say('setup_sync_columns', 'fail', 'Every column of the synchroniser is there, with its type',
    :ROW_COUNT);
\ir verify/setup_keys.sql
SELECT pg_temp.say('setup_keys', 'fail', 'Every key is in force', :ROW_COUNT);
\ir verify/setup_constraints.sql
SELECT pg_temp.say('setup_constraints', 'fail', 'Every constraint is in force', :ROW_COUNT);
\ir verify/setup_indexes.sql
SELECT pg_temp.say('setup_indexes', 'fail', 'Every index is there and valid', :ROW_COUNT);
\ir verify/setup_partitions_ahead.sql
SELECT pg_temp.say('setup_partitions_ahead', 'warn', 'Three months of market data lie ready', :ROW_COUNT);
\ir verify/setup_partition_indexes.sql
SELECT pg_temp.say('setup_partition_indexes', 'fail', 'Every month of market data has its indexes', :ROW_COUNT);
SELECT to_regclass('data_ingestion.market_data_default') IS NOT NULL AS there \gset
\if :there
\ir verify/setup_default_partition.sql
SELECT pg_temp.say('setup_default_partition', 'warn', 'No bar lies in the default partition', :ROW_COUNT);
\endif
\ir verify/setup_row_security.sql
SELECT pg_temp.say('setup_row_security', 'fail', 'Accounts are kept apart by row-level security', :ROW_COUNT);
\ir verify/setup_roles.sql
SELECT pg_temp.say('setup_roles', 'fail', 'Every role is there, with no more power than it needs', :ROW_COUNT);
\ir verify/setup_owner_roles.sql
SELECT pg_temp.say('setup_owner_roles', 'warn', 'Nobody may become the owner of the tables', :ROW_COUNT);
\ir verify/setup_rights.sql
SELECT pg_temp.say('setup_rights', 'fail', 'Every role has its rights on tables, and no others', :ROW_COUNT);
\ir verify/setup_fills.sql
SELECT pg_temp.say('setup_fills', 'fail', 'Fills are append-only', :ROW_COUNT);
\ir verify/setup_functions.sql
SELECT pg_temp.say('setup_functions', 'fail', 'The functions that lend rights are guarded', :ROW_COUNT);
\ir verify/setup_audit.sql
SELECT pg_temp.say('setup_audit', 'fail', 'The audit log is append-only', :ROW_COUNT);
\ir verify/setup_publication.sql
SELECT pg_temp.say('setup_publication', 'warn', 'The publication of changes is whole', :ROW_COUNT);
\ir verify/setup_extensions.sql
SELECT pg_temp.say('setup_extensions', 'warn', 'The extensions are there', :ROW_COUNT);

SELECT format('%s passed, %s warned, %s failed', count(*) FILTER (WHERE result = 'pass'),
    count(*) FILTER (WHERE result = 'warn'), count(*) FILTER (WHERE result = 'fail'))
FROM pg_temp.verified;
DO $$
DECLARE
    failed text := (SELECT string_agg(id, ', ') FROM pg_temp.verified WHERE result = 'fail');
BEGIN
    IF failed IS NOT NULL THEN
        RAISE EXCEPTION 'the set-up is not right: %', failed
            USING HINT = 'Run steps 1 to 3 again, or tradetop setup; tradetop verify tells what each check is about.';
    END IF;
END $$;
