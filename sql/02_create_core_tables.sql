-- tradetop, step 2 of 4: types, tables, functions, row-level security, rights, partitions.
--
--   psql -U postgres -h HOST -p PORT -d trading_system -f sql/02_create_core_tables.sql
--
-- One transaction: all of it, or nothing. May be run again at any time, also on a live database: correct objects are neither
-- changed nor locked; a missing table, column, constraint, policy or function is created; a database of an older release
-- first gets the migrations (sql/migrations) that it lacks. To add a column, add its line to the table below and run this
-- again. Needs a superuser, or the role that ran step 1.
--
-- A table is written as in CREATE TABLE, one column or constraint a line; the text after "--" becomes the column's COMMENT.
-- Enumerations are in execution, as are orders, trades and positions.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
BEGIN;
DO $$
BEGIN
    -- 6: UTF8. 0: SQL_ASCII, which takes every text unread.
    IF (SELECT encoding NOT IN (0, 6) FROM pg_database WHERE datname = current_database()) THEN
        RAISE EXCEPTION 'database "%" is encoded in %, and the trading system needs UTF8', current_database(),
            current_setting('server_encoding')
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run step 1 with another TRADING_DB_NAME.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('tradetop setup', 0));
    IF to_regrole('tradetop_owner') IS NULL OR to_regrole('tradetop_keeper') IS NULL
        OR to_regnamespace('shared') IS NULL THEN
        RAISE EXCEPTION 'roles or schemas are missing in database "%"', current_database()
            USING ERRCODE = 'undefined_object',
                HINT = 'Run step 1 first: sql/01_create_databases.sql, or tradetop setup.';
    END IF;
    IF NOT (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'shared') THEN
        RAISE EXCEPTION 'database "%" was set up by others, and role "%" does not own what is there', current_database(),
            current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = format('As a superuser: GRANT tradetop_owner, tradetop_keeper TO %I;', current_user);
    END IF;
END $$;
SET LOCAL lock_timeout = '5s';
-- What only someone with more rights can do is not tried again and again: it is reported at the end, as a statement.
CREATE OR REPLACE FUNCTION pg_temp.lacked() RETURNS SETOF text LANGUAGE sql AS $$
SELECT unnest(string_to_array(NULLIF(current_setting('tradetop.lacked', true), ''), E'\n'))
$$;
CREATE OR REPLACE PROCEDURE pg_temp.try(statement text, may boolean DEFAULT true) LANGUAGE plpgsql AS $$
BEGIN
    -- GRANT and REVOKE without the right to it may only warn.
    IF NOT may THEN
        RAISE insufficient_privilege;
    END IF;
    EXECUTE statement;
EXCEPTION WHEN insufficient_privilege THEN
    PERFORM set_config('tradetop.lacked', concat_ws(E'\n', NULLIF(current_setting('tradetop.lacked', true), ''), statement),
        true);
END $$;

-- @section always
-- The migration record. The rest of this script creates the result of all migrations, so those that a database of an older
-- release lacks are applied first; a database without a record lacks none. A newer or a different record is refused.
CREATE OR REPLACE FUNCTION pg_temp.migrations() RETURNS TABLE (version integer, name text, checksum text) LANGUAGE sql
    AS $$ VALUES
    (1, '0001_first_release', '895e212f7a28c5504ccb515abbeb502d8be2fd9bccbcd7851d78557a85bc5fc1'),
    (2, '0002_rows_are_the_books', 'c7cce111b780e921e4f6b8ed525d77aee139d9804e9841d4ac8a56d394b51aac')
$$;
CREATE OR REPLACE FUNCTION pg_temp.lacking() RETURNS TABLE (version integer, name text) LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('shared.schema_migrations') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT m.version, m.name FROM pg_temp.migrations() AS m
        WHERE EXISTS (SELECT FROM shared.schema_migrations)
            AND NOT EXISTS (SELECT FROM shared.schema_migrations AS had WHERE had.version = m.version);
END $$;
DO $$
DECLARE
    newest integer := (SELECT max(version) FROM pg_temp.migrations());
    other record;
BEGIN
    IF to_regclass('shared.schema_migrations') IS NULL THEN
        RETURN;
    END IF;
    SELECT had.name INTO other FROM shared.schema_migrations AS had WHERE version > newest ORDER BY version DESC LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'database "%" is of a newer tradetop: it has migration %', current_database(), other.name
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Update tradetop.';
    END IF;
    SELECT ours.name INTO other FROM pg_temp.migrations() AS ours JOIN shared.schema_migrations AS had USING (version)
        WHERE (had.name, had.checksum) IS DISTINCT FROM (ours.name, ours.checksum) ORDER BY version LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'migration % is not the one that was applied to database "%"', other.name, current_database()
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'A released migration never changes: install this release anew, or see shared.schema_migrations.';
    END IF;
    SELECT lacking.name INTO other FROM pg_temp.lacking()
        WHERE version < (SELECT max(had.version) FROM shared.schema_migrations AS had) ORDER BY version LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the ledger of database "%" has no migration %, but later ones', current_database(), other.name
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'See shared.schema_migrations.';
    END IF;
END $$;
\ir setup/migrate.sql
DO $$
DECLARE
    still text := (SELECT min(name) FROM pg_temp.lacking());
BEGIN
    IF still IS NOT NULL THEN
        RAISE EXCEPTION 'database "%" is of an older tradetop: it lacks migration %', current_database(), still
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Run this file by psql, or tradetop setup: they apply what is in sql/migrations, in order.';
    END IF;
END $$;

-- All objects in our schemas: a set-up compares them before and after, and a test compares them between two ways to set up
-- the same database.
CREATE OR REPLACE FUNCTION shared.inventory()
RETURNS TABLE (kind text, object text, part text, definition text) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
WITH ours AS (
    SELECT oid, nspname, nspacl, nspowner FROM pg_namespace
    WHERE nspname IN ('data_ingestion', 'strategy_engine', 'execution', 'risk_management', 'analytics', 'notification',
        'logging', 'shared')
), rel AS (
    SELECT c.*, format('%I.%I', nspname, relname) AS name FROM pg_class AS c JOIN ours ON relnamespace = ours.oid
), attribute AS (
    SELECT a.*, pg_get_expr(adbin, adrelid) AS expression FROM pg_attribute AS a
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0 AND NOT attisdropped
)
SELECT 'schema', nspname::text, '', format('owner %s, %s', nspowner::regrole, obj_description(oid, 'pg_namespace'))
    FROM ours
UNION ALL
SELECT 'rights', name, format('%s of %s', rights, kind), privileges FROM (
    SELECT 'schema' AS kind, nspname::text AS name, nspacl AS acl FROM ours
    UNION ALL SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, name, relacl FROM rel
    UNION ALL SELECT 'column ' || attname, name, attacl FROM attribute JOIN rel ON rel.oid = attrelid
    UNION ALL SELECT 'function', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)),
        proacl
        FROM pg_proc AS p JOIN ours ON pronamespace = ours.oid
) AS acls, LATERAL (
    SELECT COALESCE(NULLIF(grantee, 0)::regrole::text, 'PUBLIC') AS rights,
        string_agg(privilege_type, ' ' ORDER BY privilege_type) AS privileges
    FROM aclexplode(acl) GROUP BY grantee
) AS grants
WHERE acl IS NOT NULL
UNION ALL
SELECT 'type', format('%I.%I', nspname, typname), '', format('owner %s, %s', typowner::regrole,
    (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
FROM pg_type AS t JOIN ours ON typnamespace = ours.oid WHERE typtype = 'e'
UNION ALL
SELECT 'type', format('%I.%I', nspname, typname), 'comment', obj_description(t.oid, 'pg_type')
FROM pg_type AS t JOIN ours ON typnamespace = ours.oid
WHERE typtype = 'e' AND obj_description(t.oid, 'pg_type') IS NOT NULL
UNION ALL
SELECT CASE WHEN relispartition THEN 'partition' ELSE 'table' END, name, '', format('owner %s, %s %s, row security %s',
    relowner::regrole, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid), relrowsecurity)
FROM rel WHERE relkind IN ('r', 'p')
UNION ALL
SELECT 'table', name, 'comment', obj_description(oid, 'pg_class') FROM rel
WHERE relkind IN ('r', 'p') AND NOT relispartition AND obj_description(oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT 'table', name, 'column ' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'not null' END, CASE attgenerated WHEN '' THEN 'default ' ELSE 'generated ' END
        || expression,
    '-- ' || col_description(attrelid, attnum))
FROM attribute JOIN rel ON rel.oid = attrelid WHERE relkind IN ('r', 'p') AND NOT relispartition
UNION ALL
SELECT 'table', name, 'constraint ' || conname, pg_get_constraintdef(c.oid)
FROM pg_constraint AS c JOIN rel ON rel.oid = conrelid WHERE NOT relispartition AND contype <> 'n'
UNION ALL
SELECT 'table', name, 'replica identity', concat_ws(' ', relreplident,
    (SELECT indexrelid::regclass FROM pg_index WHERE indrelid = rel.oid AND indisreplident))
FROM rel WHERE relkind IN ('r', 'p') AND NOT relispartition AND relreplident <> 'd'
UNION ALL
SELECT 'publication', pubname::text, '', format('owner %s, insert %s, update %s, delete %s, truncate %s, by root %s, %s',
    pubowner::regrole, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot,
    (SELECT string_agg(name, ' ' ORDER BY name) FROM rel JOIN pg_publication_rel ON prrelid = rel.oid
     WHERE prpubid = p.oid))
FROM pg_publication AS p WHERE pubname = 'tradetop'
UNION ALL
SELECT 'table', name, 'trigger ' || tgname, format('%s %s', tgenabled, pg_get_triggerdef(t.oid))
FROM pg_trigger AS t JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal AND NOT relispartition
UNION ALL
SELECT 'table', name, 'policy ' || polname, format('%s %s %s %s', polcmd, polroles::regrole[]::text,
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM pg_policy JOIN rel ON rel.oid = polrelid
UNION ALL
SELECT 'table', owner.name, 'sequence ' || s.relname, format('owner %s', s.relowner::regrole)
FROM rel AS s JOIN pg_depend ON objid = s.oid AND deptype = 'a' JOIN rel AS owner ON owner.oid = refobjid
    WHERE s.relkind = 'S'
UNION ALL
SELECT 'index', format('%I.%I', nspname, relname), '', pg_get_indexdef(c.oid) || CASE WHEN indisvalid THEN ''
    ELSE ' INVALID' END
FROM pg_class AS c JOIN ours ON relnamespace = ours.oid JOIN pg_index ON indexrelid = c.oid
WHERE NOT relispartition AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid)
    AND NOT (SELECT relispartition FROM pg_class WHERE oid = indrelid)
UNION ALL
SELECT 'function', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)), '',
    format('owner %s, %s', proowner::regrole, pg_get_functiondef(p.oid))
        || COALESCE(' -- ' || obj_description(p.oid, 'pg_proc'), '')
FROM pg_proc AS p JOIN ours ON pronamespace = ours.oid
$$;
COMMENT ON FUNCTION shared.inventory()
    IS 'Everything in the schemas of the trading system, part by part, for comparing.';

DROP TABLE IF EXISTS pg_temp.before;
CREATE TEMP TABLE before ON COMMIT DROP AS SELECT * FROM shared.inventory();

-- The lines of a table's body: name, definition without its comma, comment. Lines indented by eight continue the last one.
CREATE OR REPLACE FUNCTION pg_temp.lines(body text)
RETURNS TABLE (n bigint, is_constraint boolean, name text, definition text, about text) LANGUAGE sql AS $$
SELECT n, definition LIKE 'CONSTRAINT %', CASE WHEN definition LIKE 'CONSTRAINT %' THEN split_part(definition, ' ', 2)
    ELSE split_part(definition, ' ', 1) END, definition, about
FROM regexp_split_to_table(regexp_replace(body, '\n {8,}', ' ', 'g'), '\n') WITH ORDINALITY AS line (text, n),
    LATERAL (SELECT regexp_replace(rtrim(btrim(regexp_replace(line.text, '\s--\s.*$', '')), ','), '\s+', ' ', 'g'),
        substring(line.text FROM '\s--\s+(.*)$')) AS parsed (definition, about)
WHERE definition <> ''
$$;

-- Creates a table, or what an existing one lacks of its columns, NOT NULLs, defaults, constraints and comments. A constraint
-- that existing rows violate is left NOT VALID (a key is left out): it applies to new rows, and verification reports it.
CREATE OR REPLACE PROCEDURE pg_temp.have_table(tab text, about text, body text, tail text DEFAULT '') LANGUAGE plpgsql
    AS $$
DECLARE
    l record;
    a record;
    rel regclass := to_regclass(tab);
BEGIN
    IF rel IS NULL THEN
        EXECUTE format('CREATE TABLE %s (%s) %s', tab,
            (SELECT string_agg(definition, ', ' ORDER BY n) FROM pg_temp.lines(body)), tail);
        rel := tab::regclass;
    END IF;
    SELECT relkind, CASE relkind WHEN 'r' THEN 'a table that is not partitioned' WHEN 'p' THEN 'a partitioned table'
        WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
        WHEN 'S' THEN 'a sequence' WHEN 'c' THEN 'a type' ELSE 'an index' END AS what INTO a FROM pg_class WHERE oid = rel;
    IF a.relkind <> (CASE tail WHEN '' THEN 'r' ELSE 'p' END) THEN
        RAISE EXCEPTION '% is %, and the set-up needs a table of this name', tab, a.what
            USING ERRCODE = 'wrong_object_type', HINT = format('Rename it, or move its rows to where they belong, '
                'and run the set-up again: ALTER %s %s RENAME TO …;', CASE a.relkind WHEN 'v' THEN 'VIEW'
                WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE'
                WHEN 'c' THEN 'TYPE' WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, tab);
    END IF;
    IF obj_description(rel, 'pg_class') IS DISTINCT FROM about THEN
        EXECUTE format('COMMENT ON TABLE %s IS %L', tab, about);
    END IF;
    FOR l IN SELECT * FROM pg_temp.lines(body) ORDER BY is_constraint, n LOOP
        IF l.is_constraint THEN
            CALL pg_temp.have_constraint(rel, l.name, l.definition);
            CONTINUE;
        END IF;
        SELECT attnum, attnotnull, atthasdef INTO a FROM pg_attribute WHERE attrelid = rel AND attname = l.name
            AND NOT attisdropped;
        IF NOT FOUND THEN
            EXECUTE format('ALTER TABLE %s ADD COLUMN %s', tab, l.definition);
            SELECT attnum, attnotnull, atthasdef INTO a FROM pg_attribute WHERE attrelid = rel AND attname = l.name;
        END IF;
        IF l.definition LIKE '% NOT NULL%' AND NOT a.attnotnull THEN
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %s SET NOT NULL', tab, l.name);
        END IF;
        IF l.definition LIKE '% DEFAULT %' AND NOT a.atthasdef THEN
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s', tab, l.name,
                substring(l.definition FROM ' DEFAULT (.+)$'));
        END IF;
        IF col_description(rel, a.attnum) IS DISTINCT FROM l.about THEN
            EXECUTE format('COMMENT ON COLUMN %s.%s IS %L', tab, l.name, l.about);
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE PROCEDURE pg_temp.have_constraint(rel regclass, conname name, definition text) LANGUAGE plpgsql AS $$
DECLARE
    valid boolean := (SELECT convalidated FROM pg_constraint AS c
        WHERE conrelid = rel AND c.conname = have_constraint.conname);
    late text := CASE WHEN definition ~ '^CONSTRAINT \S+ (CHECK|FOREIGN KEY)' THEN ' NOT VALID' ELSE '' END;
BEGIN
    IF valid IS NULL THEN
        EXECUTE format('ALTER TABLE %s ADD %s%s', rel, definition, late);
    END IF;
    IF NOT valid OR valid IS NULL AND late <> '' THEN
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', rel, conname);
    END IF;
EXCEPTION WHEN integrity_constraint_violation THEN
    -- What was done above is undone by now.
    IF valid IS NULL AND late <> '' THEN
        EXECUTE format('ALTER TABLE %s ADD %s%s', rel, definition, late);
    END IF;
    RAISE WARNING 'constraint % of % is violated by rows that are there: %', conname, rel, SQLERRM
        USING HINT = 'tradetop verify --only data --full shows them. Mend them, then run this step again.';
END $$;

CREATE OR REPLACE PROCEDURE pg_temp.have_enum(name text, about text, VARIADIC labels text[]) LANGUAGE plpgsql AS $$
DECLARE
    label text;
BEGIN
    IF to_regtype(name) IS NULL THEN
        EXECUTE format('CREATE TYPE %s AS ENUM (%s)', name, (SELECT string_agg(quote_literal(l), ', ' ORDER BY n)
            FROM unnest(labels) WITH ORDINALITY AS u (l, n)));
    END IF;
    FOREACH label IN ARRAY labels LOOP
        IF NOT EXISTS (SELECT FROM pg_enum WHERE enumtypid = name::regtype AND enumlabel = label) THEN
            EXECUTE format('ALTER TYPE %s ADD VALUE IF NOT EXISTS %L', name, label);
        END IF;
    END LOOP;
    IF obj_description(name::regtype, 'pg_type') IS DISTINCT FROM about THEN
        EXECUTE format('COMMENT ON TYPE %s IS %L', name, about);
    END IF;
END $$;

-- @section tables
-- Extensions: the set-up continues without them, and verification reports what will be missing.
DO $$
DECLARE
    ext text;
BEGIN
    FOREACH ext IN ARRAY '{pgcrypto,pg_stat_statements}'::text[] LOOP
        IF EXISTS (SELECT FROM pg_extension WHERE extname = ext) THEN
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('CREATE EXTENSION %I SCHEMA public', ext);
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE WARNING 'extension % is not installed: role % may not', ext, current_user
                    USING HINT = format('As a superuser in database %I: CREATE EXTENSION %I;', current_database(), ext);
            WHEN undefined_file OR feature_not_supported THEN
                RAISE WARNING 'extension % is not installed: the server does not have it', ext
                    USING HINT =
                        format('Install the server''s contrib package, then: CREATE EXTENSION %I;', ext);
        END;
    END LOOP;
END $$;

CALL pg_temp.have_enum('execution.order_side', 'What an order does, and its fills.', 'buy', 'sell');
CALL pg_temp.have_enum('execution.order_type',
    'At which price an order may fill: any; its limit or better; any, or its limit or better, once its stop price was traded.',
    'market', 'limit', 'stop', 'stop_limit');
CALL pg_temp.have_enum('execution.order_status',
    'How far an order is. pending (not yet sent), submitted and partially_filled are open; the others are final.',
    'pending', 'submitted', 'filled', 'partially_filled', 'cancelled', 'rejected');
CALL pg_temp.have_enum('execution.time_in_force',
    'How long an order stands: to the end of its day; until cancelled; at once, as far as it goes; at once and whole.',
    'day', 'gtc', 'ioc', 'fok');

CALL pg_temp.have_table('data_ingestion.market_data', 'Price bars, one a symbol and time; partitioned by month, UTC.',
    $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL, -- start of the bar
    open DECIMAL(15,4), -- first price of the interval
    high DECIMAL(15,4), -- highest price of the interval
    low DECIMAL(15,4), -- lowest price of the interval
    close DECIMAL(15,4), -- the newest close of a symbol is its mark
    volume BIGINT, -- shares or contracts
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the row was written
    CONSTRAINT market_data_pkey PRIMARY KEY (id, timestamp),
    CONSTRAINT unique_symbol_timestamp UNIQUE (symbol, timestamp),
    CONSTRAINT positive_prices CHECK (open > 0 AND high > 0 AND low > 0 AND close > 0),
    CONSTRAINT valid_ohlc CHECK (high >= GREATEST(open, close) AND low <= LEAST(open, close)),
    CONSTRAINT finite_prices CHECK ('NaN' <> ALL (ARRAY[open, high, low, close])),
    CONSTRAINT non_negative_volume CHECK (volume >= 0)
$$, 'PARTITION BY RANGE (timestamp)');

DO $$
BEGIN
    IF to_regclass('data_ingestion.market_data_default') IS NULL THEN
        CREATE TABLE data_ingestion.market_data_default PARTITION OF data_ingestion.market_data DEFAULT;
        COMMENT ON TABLE data_ingestion.market_data_default IS
            'Bars whose month has no partition yet; shared.create_monthly_partition moves them home. Should be empty.';
    END IF;
END $$;

CALL pg_temp.have_table('data_ingestion.data_quality_logs',
    'What is wrong with data, as the ingestion and the synchroniser''s validation (sql/quality) find.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was found
    symbol VARCHAR(20), -- ticker of the instrument that it is about; null: not about one
    source VARCHAR(100), -- feed or vendor; tradetop sync: validation
    check_name VARCHAR(100) NOT NULL, -- the rule: gap, stale, outlier, duplicate, …, or a file of sql/quality
    severity VARCHAR(10) NOT NULL DEFAULT 'warning', -- info, warning, error or critical
    bar_timestamp TIMESTAMP WITH TIME ZONE, -- the bar that it is about, or the time of the row
    expected TEXT, -- what the check wanted, as text
    actual TEXT, -- what it found, as text
    message TEXT NOT NULL, -- what is wrong, in a sentence for people
    resolved_at TIMESTAMP WITH TIME ZONE, -- when it was mended; null: open
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the row was written; retention goes by timestamp
    level VARCHAR(10), -- envelope, type, range, cross, time, order or fill; null: the ingestion's own
    row_key VARCHAR(300), -- what it is about: a bar, an order, a trade, a channel; a rule has one finding of each
    resolved_by VARCHAR(100), -- who said that it is settled, and from where; null: it no longer holds, or it is open
    occurrences INTEGER NOT NULL DEFAULT 1, -- how often it was found anew after it had been closed, the first included
    CONSTRAINT data_quality_logs_pkey PRIMARY KEY (id),
    CONSTRAINT data_quality_logs_check_name_row_key_key UNIQUE (check_name, row_key),
    CONSTRAINT valid_severity CHECK (severity IN ('info', 'warning', 'error', 'critical'))
$$);

CALL pg_temp.have_table('data_ingestion.ingestion_status',
    'How each source of bars does, symbol by symbol, as the ingestion itself says.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    source VARCHAR(100) NOT NULL, -- feed or vendor
    symbol VARCHAR(20) NOT NULL, -- ticker that the source brings
    last_bar_at TIMESTAMP WITH TIME ZONE, -- start of the last bar that it brought; null: none yet
    expected_seconds INTEGER NOT NULL, -- from one bar to the next, while the market is open
    state VARCHAR(10) NOT NULL DEFAULT 'ok', -- late: the next bar is overdue; error: see there; paused: not asked for
    error TEXT, -- why nothing comes, as the ingestion says; null: no error
    state_since TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- it has been in this state
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when the ingestion last said so
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the source was first heard of for this symbol
    CONSTRAINT ingestion_status_pkey PRIMARY KEY (id),
    CONSTRAINT ingestion_status_source_symbol_key UNIQUE (source, symbol),
    CONSTRAINT valid_state CHECK (state IN ('ok', 'late', 'error', 'paused')),
    CONSTRAINT error_with_its_state CHECK ((state = 'error') = (error IS NOT NULL)),
    CONSTRAINT positive_interval CHECK (expected_seconds > 0)
$$);

CALL pg_temp.have_table('execution.orders', 'Orders, as sent by strategies or by hand, in their present state.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    order_id VARCHAR(100) NOT NULL, -- the desk's own identity of the order, on the bus too
    account_id VARCHAR(50) NOT NULL, -- row-level security goes by it
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument
    side execution.order_side NOT NULL, -- buy or sell
    order_type execution.order_type NOT NULL, -- market, limit, stop or stop_limit: which prices it needs
    quantity DECIMAL(15,4) NOT NULL, -- ordered; what is filled is the sum of its trades
    price DECIMAL(15,4), -- limit price; null for market orders
    stop_price DECIMAL(15,4), -- price that makes a stop order live; null for the others
    time_in_force execution.time_in_force DEFAULT 'day', -- gtc: until cancelled; at once, in part: ioc, whole: fok
    status execution.order_status NOT NULL DEFAULT 'pending', -- pending, submitted and partially_filled are open
    strategy VARCHAR(100), -- name in strategy_engine.strategies, or null when sent by hand
    session_id VARCHAR(100), -- the sender's run
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the order was entered
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when status or terms last changed
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_order_id_key UNIQUE (order_id),
    CONSTRAINT orders_order_id_account_id_symbol_key UNIQUE (order_id, account_id, symbol),
    CONSTRAINT positive_quantity CHECK (quantity > 0),
    CONSTRAINT valid_price CHECK (price IS NULL OR price > 0),
    CONSTRAINT valid_stop_price CHECK (stop_price IS NULL OR stop_price > 0),
    CONSTRAINT finite_numbers CHECK ('NaN' <> ALL (ARRAY[quantity, price, stop_price]))
$$);

CALL pg_temp.have_table('execution.trades', 'Fills, the books: append-only for every service. An event announces a row.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    trade_id VARCHAR(100) NOT NULL, -- identity of the trade, correlation_id on the bus, key of the ledger
    order_id VARCHAR(100), -- the order that it fills; null where it is not known
    account_id VARCHAR(50) NOT NULL, -- row-level security goes by it
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument; as its order has it
    quantity DECIMAL(15,4) NOT NULL, -- always positive
    price DECIMAL(15,4) NOT NULL, -- of one share or contract
    commission DECIMAL(10,4) DEFAULT 0, -- money
    executed_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when the market filled it
    settlement_date DATE, -- when money and shares change hands
    strategy VARCHAR(100), -- of its order
    trade_type VARCHAR(20), -- opening, closing or partial
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when the fill was booked
    side execution.order_side, -- null: its order's
    total_value DECIMAL(30,4), -- money; null: quantity × price
    realized_pnl DECIMAL(30,4), -- money; null: by average cost, in order of execution
    win_rate DECIMAL(20,10), -- of a trade with an outcome; null: 1 where a sale that closes gains, else 0
    CONSTRAINT trades_pkey PRIMARY KEY (id),
    CONSTRAINT trades_trade_id_key UNIQUE (trade_id),
    CONSTRAINT trades_order_id_fkey FOREIGN KEY (order_id) REFERENCES execution.orders (order_id),
    CONSTRAINT trades_as_their_orders FOREIGN KEY (order_id, account_id, symbol)
        REFERENCES execution.orders (order_id, account_id, symbol),
    CONSTRAINT positive_quantity CHECK (quantity > 0),
    CONSTRAINT positive_price CHECK (price > 0),
    CONSTRAINT non_negative_commission CHECK (commission >= 0),
    CONSTRAINT finite_numbers CHECK ('NaN' <> ALL (ARRAY[quantity, price, commission])),
    CONSTRAINT finite_figures CHECK ('NaN' <> ALL (ARRAY[total_value, realized_pnl, win_rate])),
    CONSTRAINT valid_trade_type CHECK (trade_type IN ('opening', 'closing', 'partial'))
$$);

CALL pg_temp.have_table('execution.execution_logs',
    'The life of the orders: a row for each step, a status that an order took or a fill. Append-only for every service.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    order_id VARCHAR(100) NOT NULL, -- whose life it is
    account_id VARCHAR(50) NOT NULL, -- of its order; row-level security goes by it
    symbol VARCHAR(20) NOT NULL, -- of its order
    step INTEGER NOT NULL, -- 1, 2, … of its order, in the order in which they happened
    status execution.order_status NOT NULL, -- that the order had from then on
    old_status execution.order_status, -- that it had before; null: the order is new
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when it happened, by the service's clock
    latency_ms DECIMAL(15,3), -- since the step before; null: the first one, or not known
    filled DECIMAL(15,4), -- of the order's quantity, all fills until then; null: not known
    trade_id VARCHAR(100), -- the fill; null: none
    reason TEXT, -- why, as the service or the market says; null: nothing to say
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was written
    CONSTRAINT execution_logs_pkey PRIMARY KEY (id),
    CONSTRAINT execution_logs_order_id_step_key UNIQUE (order_id, step),
    CONSTRAINT execution_logs_as_their_orders FOREIGN KEY (order_id, account_id, symbol)
        REFERENCES execution.orders (order_id, account_id, symbol),
    CONSTRAINT positive_step CHECK (step > 0),
    CONSTRAINT non_negative_numbers CHECK (latency_ms >= 0 AND filled >= 0),
    CONSTRAINT finite_numbers CHECK ('NaN' <> ALL (ARRAY[latency_ms, filled]))
$$);

CALL pg_temp.have_table('execution.archived_trades',
    'Fills of closed months (analytics.book_closings), moved here; partitioned by month, UTC. Months may be detached.', $$
    id BIGINT NOT NULL, -- as it was in execution.trades
    trade_id VARCHAR(100) NOT NULL, -- identity of the trade
    order_id VARCHAR(100), -- the order that it filled
    account_id VARCHAR(50) NOT NULL, -- row-level security goes by it
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument
    quantity DECIMAL(15,4) NOT NULL, -- shares or contracts, always positive
    price DECIMAL(15,4) NOT NULL, -- of one share or contract
    commission DECIMAL(10,4), -- money
    executed_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when the market filled it; its month is its partition
    settlement_date DATE, -- when money and shares changed hands
    strategy VARCHAR(100), -- of its order; null: none
    trade_type VARCHAR(20), -- opening, closing or partial
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when the fill was booked in execution.trades
    side execution.order_side, -- buy or sell; null: its order's
    total_value DECIMAL(30,4), -- money; null: quantity × price
    realized_pnl DECIMAL(30,4), -- money; null: by average cost, which the ledger has
    win_rate DECIMAL(20,10), -- of a trade with an outcome; null: the ledger has it
    archived_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was moved here
    CONSTRAINT archived_trades_pkey PRIMARY KEY (trade_id, executed_at)
$$, 'PARTITION BY RANGE (executed_at)');

CALL pg_temp.have_table('execution.positions', 'What each account holds of each symbol; long only.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    account_id VARCHAR(50) NOT NULL, -- row-level security goes by it
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument
    quantity DECIMAL(15,4) NOT NULL, -- 0 when closed
    avg_price DECIMAL(15,4) NOT NULL, -- average cost of what is held, commission included
    market_value DECIMAL(15,4), -- quantity × mark
    unrealized_pnl DECIMAL(15,4), -- market_value − quantity × avg_price
    realized_pnl DECIMAL(15,4) DEFAULT 0, -- money, summed over all sales; commissions are taken off
    last_updated TIMESTAMP WITH TIME ZONE DEFAULT now(), -- of quantity or mark
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the account first held the symbol
    last_price DECIMAL(15,4), -- mark that market_value was made with
    last_price_at TIMESTAMP WITH TIME ZONE, -- time of that mark
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    CONSTRAINT positions_pkey PRIMARY KEY (id),
    CONSTRAINT unique_account_symbol UNIQUE (account_id, symbol),
    CONSTRAINT non_negative_quantity CHECK (quantity >= 0),
    CONSTRAINT finite_numbers CHECK ('NaN' <> ALL (ARRAY[quantity, avg_price, market_value, unrealized_pnl,
        realized_pnl, last_price]))
$$);

CALL pg_temp.have_table('strategy_engine.strategies', 'The strategies that may trade.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    name VARCHAR(100) NOT NULL, -- the strategy of orders, trades and events
    description TEXT, -- what it does, in words for people
    status VARCHAR(20) NOT NULL DEFAULT 'active', -- active; paused opens nothing new; stopped trades nothing
    parameters JSONB NOT NULL DEFAULT '{}', -- the strategy's own settings
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when it was registered
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when status or settings last changed
    CONSTRAINT strategies_pkey PRIMARY KEY (id),
    CONSTRAINT strategies_name_key UNIQUE (name),
    CONSTRAINT valid_status CHECK (status IN ('active', 'paused', 'stopped'))
$$);

CALL pg_temp.have_table('strategy_engine.strategy_signals',
    'What the strategies wanted, whether or not an order came of it.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    strategy VARCHAR(100) NOT NULL, -- name in strategies
    symbol VARCHAR(20) NOT NULL, -- ticker that it wants to trade
    signal VARCHAR(10) NOT NULL, -- buy, sell or hold
    strength DECIMAL(9,6), -- 0 (none) to 1 (sure)
    price DECIMAL(15,4), -- mark when the signal was made
    quantity DECIMAL(15,4), -- wanted
    order_id VARCHAR(100), -- the order that came of it
    generated_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when the strategy made it
    expires_at TIMESTAMP WITH TIME ZONE, -- void from then on; null: never
    correlation_id VARCHAR(100), -- joins it to events and log lines
    details JSONB, -- what the strategy saw
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the row was written, after generated_at
    CONSTRAINT strategy_signals_pkey PRIMARY KEY (id),
    CONSTRAINT strategy_signals_strategy_fkey FOREIGN KEY (strategy) REFERENCES strategy_engine.strategies (name)
        ON UPDATE CASCADE,
    CONSTRAINT valid_signal CHECK (signal IN ('buy', 'sell', 'hold')),
    CONSTRAINT valid_strength CHECK (strength BETWEEN 0 AND 1),
    CONSTRAINT positive_price CHECK (price > 0 AND price <> 'NaN'),
    CONSTRAINT positive_quantity CHECK (quantity > 0 AND quantity <> 'NaN')
$$);

CALL pg_temp.have_table('strategy_engine.strategy_performance',
    'A strategy''s day, as the strategy engine reckons it.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    strategy VARCHAR(100) NOT NULL, -- name in strategies
    date DATE NOT NULL, -- trading day, UTC
    signals INTEGER NOT NULL DEFAULT 0, -- made that day
    total_trades INTEGER NOT NULL DEFAULT 0, -- of that day
    winning_trades INTEGER NOT NULL DEFAULT 0, -- with a realised gain
    realized_pnl DECIMAL(20,4) NOT NULL DEFAULT 0, -- money
    max_drawdown DECIMAL(20,4), -- money lost from the day's peak, positive
    sharpe_ratio DECIMAL(12,6), -- of the day, not annualised; null: too few trades
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the day's figures were last reckoned
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when they were first reckoned
    CONSTRAINT strategy_performance_pkey PRIMARY KEY (id),
    CONSTRAINT strategy_performance_strategy_date_key UNIQUE (strategy, date),
    CONSTRAINT strategy_performance_strategy_fkey FOREIGN KEY (strategy) REFERENCES strategy_engine.strategies (name)
        ON UPDATE CASCADE,
    CONSTRAINT valid_counts CHECK (signals >= 0 AND winning_trades BETWEEN 0 AND total_trades),
    CONSTRAINT non_negative_drawdown CHECK (max_drawdown >= 0)
$$);

CALL pg_temp.have_table('risk_management.risk_limits', 'Limits. A null account, strategy or symbol means all of them.',
    $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    limit_type VARCHAR(50) NOT NULL, -- what is limited
    account_id VARCHAR(50), -- account that it holds for; null: all
    strategy VARCHAR(100), -- strategy that it holds for; null: all
    symbol VARCHAR(20), -- ticker that it holds for; null: all
    limit_value DECIMAL(20,4) NOT NULL, -- money, or quantity, or a number a minute, as limit_type says
    warn_fraction DECIMAL(5,4) NOT NULL DEFAULT 0.8, -- from this part of the limit on it warns
    enabled BOOLEAN NOT NULL DEFAULT true, -- false: not watched
    updated_by VARCHAR(100), -- who changed it last, and from where
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the limit was made
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the limit was last changed
    CONSTRAINT risk_limits_pkey PRIMARY KEY (id),
    CONSTRAINT valid_limit_type CHECK (limit_type IN ('max_position_value', 'max_position_quantity',
        'max_order_value', 'max_exposure', 'max_daily_loss', 'max_orders_per_minute')),
    CONSTRAINT positive_limit CHECK (limit_value > 0 AND limit_value <> 'NaN'),
    CONSTRAINT valid_warn_fraction CHECK (warn_fraction > 0 AND warn_fraction <= 1)
$$);

CALL pg_temp.have_table('risk_management.risk_events', 'Limits that were neared or broken, and who has seen it.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    risk_limit_id BIGINT, -- null: no limit's, or the limit is gone
    event_type VARCHAR(50) NOT NULL, -- the limit's type, or what else happened
    severity VARCHAR(10) NOT NULL, -- info, warning or critical
    account_id VARCHAR(50), -- account concerned; null: not one account's
    strategy VARCHAR(100), -- strategy concerned; null: not one strategy's
    symbol VARCHAR(20), -- ticker concerned; null: not one symbol's
    observed_value DECIMAL(20,4), -- what was measured, in the limit's unit
    limit_value DECIMAL(20,4), -- the limit as it was then
    message TEXT NOT NULL, -- what happened, in a sentence for people
    correlation_id VARCHAR(100), -- the order, trade or request that led to it
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was measured
    acknowledged_at TIMESTAMP WITH TIME ZONE, -- null: nobody has seen it
    acknowledged_by VARCHAR(100), -- who has seen it, and from where
    resolved_at TIMESTAMP WITH TIME ZONE, -- null: not settled
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the row was written
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when it was last acknowledged or settled
    CONSTRAINT risk_events_pkey PRIMARY KEY (id),
    CONSTRAINT risk_events_risk_limit_id_fkey FOREIGN KEY (risk_limit_id) REFERENCES risk_management.risk_limits (id)
        ON DELETE SET NULL,
    CONSTRAINT valid_severity CHECK (severity IN ('info', 'warning', 'critical')),
    CONSTRAINT acknowledged_by_someone CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
$$);

CALL pg_temp.have_table('risk_management.position_limits',
    'How much of what may be held, and what is: the synchroniser measures it. A null account, strategy or symbol means all.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    account_id VARCHAR(50), -- account that it holds for; null: all
    strategy VARCHAR(100), -- what its trades come to; null: what the accounts hold
    symbol VARCHAR(20), -- ticker that it holds for; null: all
    max_quantity DECIMAL(20,4), -- shares or contracts of the symbol, over the accounts; null: no limit
    max_value DECIMAL(20,4), -- money at the last prices, over accounts and symbols; null: no limit
    warn_fraction DECIMAL(5,4) NOT NULL DEFAULT 0.8, -- from this part of a limit on it warns
    enabled BOOLEAN NOT NULL DEFAULT true, -- false: not watched
    updated_by VARCHAR(100), -- who changed it last, and from where
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every edit, not with measuring
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the limit was made
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the limit was last edited; measuring is evaluated_at
    used_quantity NUMERIC, -- that was measured; null: not limited, or not known
    used_value NUMERIC, -- that was measured; null: not limited, or not known
    evaluated_at TIMESTAMP WITH TIME ZONE, -- when it was measured last; null: never
    breached_at TIMESTAMP WITH TIME ZONE, -- it has been over a limit since; null: it is not
    event_id BIGINT, -- the risk event of that breach
    CONSTRAINT position_limits_pkey PRIMARY KEY (id),
    CONSTRAINT position_limits_event_id_fkey FOREIGN KEY (event_id) REFERENCES risk_management.risk_events (id)
        ON DELETE SET NULL,
    CONSTRAINT some_limit CHECK (max_quantity IS NOT NULL OR max_value IS NOT NULL),
    CONSTRAINT of_something CHECK (account_id IS NOT NULL OR strategy IS NOT NULL OR symbol IS NOT NULL),
    CONSTRAINT quantity_of_a_symbol CHECK (max_quantity IS NULL OR symbol IS NOT NULL),
    CONSTRAINT positive_limits CHECK (max_quantity > 0 AND max_value > 0),
    CONSTRAINT finite_limits CHECK ('NaN' <> ALL (ARRAY[max_quantity, max_value])),
    CONSTRAINT valid_warn_fraction CHECK (warn_fraction > 0 AND warn_fraction <= 1)
$$);

CALL pg_temp.have_table('analytics.portfolio_summary',
    'What each account did and holds of each symbol, as the synchroniser knows it.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    account_id VARCHAR(50) NOT NULL, -- account whose trades and position these are
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument
    total_value DECIMAL(38,4) NOT NULL DEFAULT 0, -- sum of the trades' values, buys and sells alike
    realized_pnl DECIMAL(38,4) NOT NULL DEFAULT 0, -- sum of the trades' realised P&L
    total_trades BIGINT NOT NULL DEFAULT 0, -- applied, each once
    quantity DECIMAL(15,4), -- of the newest position event
    avg_price DECIMAL(15,4), -- of the newest position event
    market_value DECIMAL(30,4), -- quantity × mark
    unrealized_pnl DECIMAL(30,4), -- market_value − quantity × avg_price
    last_price DECIMAL(15,4), -- mark that market_value was made with
    last_price_at TIMESTAMP WITH TIME ZONE, -- time of the mark
    position_at TIMESTAMP WITH TIME ZONE, -- time of the newest position event; older events change nothing
    last_updated TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when a trade, position or mark last changed it
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the pair was first seen
    CONSTRAINT portfolio_summary_pkey PRIMARY KEY (id),
    CONSTRAINT portfolio_summary_account_id_symbol_key UNIQUE (account_id, symbol)
$$);

CALL pg_temp.have_table('analytics.performance_metrics',
    'A strategy''s day, as the synchroniser sums it up from trade events.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    strategy VARCHAR(100) NOT NULL, -- name as the trades have it; (none) where they have none
    date DATE NOT NULL, -- day of execution, UTC
    total_trades BIGINT NOT NULL DEFAULT 0, -- every trade
    win_sum DECIMAL(30,10) NOT NULL DEFAULT 0, -- sum of the win rates or wins of trades that have an outcome
    win_count BIGINT NOT NULL DEFAULT 0, -- trades that have an outcome
    win_rate NUMERIC GENERATED ALWAYS AS (win_sum / NULLIF(win_count, 0)) STORED, -- null until a trade has an outcome
    total_value DECIMAL(38,4) NOT NULL DEFAULT 0, -- sum of the trades' values, buys and sells alike
    realized_pnl DECIMAL(38,4) NOT NULL DEFAULT 0, -- sum of the trades' realised P&L
    last_updated TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when a trade last changed it
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the day's first trade was applied
    CONSTRAINT performance_metrics_pkey PRIMARY KEY (id),
    CONSTRAINT performance_metrics_strategy_date_key UNIQUE (strategy, date),
    CONSTRAINT valid_counts CHECK (total_trades >= 0 AND win_count >= 0)
$$);

CALL pg_temp.have_table('analytics.sync_ledger',
    'Trades that the synchroniser has applied, each once, and with what: analytics is the sum of it.', $$
    trade_id VARCHAR(100) NOT NULL, -- of execution.trades; counted once for each
    account_id VARCHAR(50) NOT NULL, -- account of the trade
    symbol VARCHAR(20) NOT NULL, -- ticker of the trade
    strategy VARCHAR(100) NOT NULL, -- (none) where the trade has none
    trade_date DATE NOT NULL, -- day of execution, UTC
    total_value DECIMAL(30,4) NOT NULL, -- its row's, else its event's, else quantity × price
    realized_pnl DECIMAL(30,4) NOT NULL, -- its row's, else its event's, else by average cost in order of execution
    win DECIMAL(20,10), -- its row's or event's win rate; else of a sale that closes 1 or 0; null: no outcome
    source VARCHAR(5) NOT NULL, -- event, or table where no event has announced it yet
    applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was counted
    row_id BIGINT, -- of its row in execution.trades; null: no row was seen yet
    executed_at TIMESTAMP WITH TIME ZONE, -- null: applied by an older release, and without a row
    side VARCHAR(4), -- null: not known, the trade changes no position
    quantity NUMERIC, -- of the fill, in shares or contracts; null: not known
    price NUMERIC, -- of one share or contract; null: not known
    commission NUMERIC, -- null counts as 0
    held NUMERIC, -- what account and symbol held after it, over the ledger in order of execution
    average_cost NUMERIC, -- of what was held then
    pnl_stated BOOLEAN NOT NULL DEFAULT false, -- realized_pnl is its row's or event's own
    win_stated BOOLEAN NOT NULL DEFAULT false, -- win is its row's or event's own
    event JSONB, -- what the event states and the row, if there is one, does not
    published_at TIMESTAMP WITH TIME ZONE, -- of its first event, by the publisher's clock; by the WAL: when the row was committed; null: no event
    received_at TIMESTAMP WITH TIME ZONE, -- when a worker received that, by its clock
    arrival VARCHAR(50), -- the event's entry of the stream, or WAL: and the position up to which it was read; null: by Pub/Sub, or by the table
    CONSTRAINT sync_ledger_pkey PRIMARY KEY (trade_id),
    CONSTRAINT valid_source CHECK (source IN ('event', 'table'))
$$);

CALL pg_temp.have_table('analytics.sync_pairs',
    'What the ledger comes to for each account and symbol: where the next trade''s P&L is reckoned from.', $$
    account_id VARCHAR(50) NOT NULL, -- account of the pair
    symbol VARCHAR(20) NOT NULL, -- ticker of the pair
    held NUMERIC NOT NULL DEFAULT 0, -- after the last trade
    average_cost NUMERIC NOT NULL DEFAULT 0, -- of what is held
    last_executed_at TIMESTAMP WITH TIME ZONE, -- of the last trade in order of execution; null: nothing is reckoned yet
    last_trade_id VARCHAR(100), -- the last of those with that time
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when a trade last changed it
    CONSTRAINT sync_pairs_pkey PRIMARY KEY (account_id, symbol)
$$);

CALL pg_temp.have_table('analytics.book_closings',
    'Closings of the books: what was executed before the last of them never changes again. Append-only.', $$
    closed_before TIMESTAMP WITH TIME ZONE NOT NULL, -- first moment that stayed open, the start of a month, UTC
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when that was done
    closed_by VARCHAR(100) NOT NULL, -- who closed them, and from where
    trades BIGINT NOT NULL, -- of the time since the closing before, as are the sums
    total_value DECIMAL(38,4) NOT NULL, -- sum of the trades' values, buys and sells alike
    realized_pnl DECIMAL(38,4) NOT NULL, -- sum of the trades' realised P&L
    months DATE[] NOT NULL, -- first days of the months that had trades
    CONSTRAINT book_closings_pkey PRIMARY KEY (closed_before),
    CONSTRAINT first_of_month CHECK (closed_before = date_trunc('month', closed_before, 'UTC'))
$$);

CALL pg_temp.have_table('analytics.opening_balances',
    'What closed trades come to for each account and symbol, at each closing that closed some of them. Append-only.', $$
    account_id VARCHAR(50) NOT NULL, -- account of the balance
    symbol VARCHAR(20) NOT NULL, -- ticker of the balance
    closed_before TIMESTAMP WITH TIME ZONE NOT NULL, -- the closing
    held NUMERIC NOT NULL, -- after the last closed trade: where the next trade's P&L is reckoned from
    average_cost NUMERIC NOT NULL, -- of what was held then
    last_executed_at TIMESTAMP WITH TIME ZONE NOT NULL, -- of the last closed trade in order of execution
    last_trade_id VARCHAR(100) NOT NULL, -- the last of those with that time
    net_quantity NUMERIC, -- bought less sold, over all closed trades; null: the side of one is not known
    total_value DECIMAL(38,4) NOT NULL, -- sum over all closed trades, as in portfolio_summary
    realized_pnl DECIMAL(38,4) NOT NULL, -- sum over all closed trades
    total_trades BIGINT NOT NULL, -- all closed trades
    CONSTRAINT opening_balances_pkey PRIMARY KEY (account_id, symbol, closed_before)
$$);

CALL pg_temp.have_table('analytics.archived_sync_ledger',
    'Entries of the ledger of closed months, moved here; partitioned by month, UTC. Months may be detached.', $$
    trade_id VARCHAR(100) NOT NULL, -- of execution.archived_trades
    account_id VARCHAR(50) NOT NULL, -- account of the trade
    symbol VARCHAR(20) NOT NULL, -- ticker of the trade
    strategy VARCHAR(100) NOT NULL, -- (none) where the trade has none
    trade_date DATE NOT NULL, -- day of execution, UTC
    total_value DECIMAL(30,4) NOT NULL, -- as it counted
    realized_pnl DECIMAL(30,4) NOT NULL, -- as it counted
    win DECIMAL(20,10), -- null: no outcome
    source VARCHAR(5) NOT NULL, -- event, or table where no event had announced it
    applied_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when it was counted
    row_id BIGINT, -- of its row in archived_trades
    executed_at TIMESTAMP WITH TIME ZONE NOT NULL, -- its month is its partition
    side VARCHAR(4), -- buy or sell; null: not known
    quantity NUMERIC, -- of the fill, in shares or contracts; null: not known
    price NUMERIC, -- of one share or contract; null: not known
    commission NUMERIC, -- null counts as 0
    held NUMERIC, -- what account and symbol held after it
    average_cost NUMERIC, -- of what was held then
    pnl_stated BOOLEAN NOT NULL, -- realized_pnl is its row's or event's own
    win_stated BOOLEAN NOT NULL, -- win is its row's or event's own
    event JSONB, -- what the event stated and the row did not
    published_at TIMESTAMP WITH TIME ZONE, -- of its first event, or of its commit by the WAL; null: no event
    received_at TIMESTAMP WITH TIME ZONE, -- when a worker received that
    arrival VARCHAR(50), -- the event's entry of the stream, or its WAL position; null: neither
    archived_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was moved here
    CONSTRAINT archived_sync_ledger_pkey PRIMARY KEY (trade_id, executed_at)
$$, 'PARTITION BY RANGE (executed_at)');

CALL pg_temp.have_table('analytics.sync_restatements',
    'Figures of the ledger that were changed after they had been counted, and why.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    restated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was done
    trade_id VARCHAR(100) NOT NULL, -- trade whose figures changed
    reason VARCHAR(10) NOT NULL, -- why, as one word
    cause VARCHAR(100) NOT NULL, -- trade that came late or was changed; itself, where it was
    old_value DECIMAL(30,4) NOT NULL, -- total value before
    new_value DECIMAL(30,4), -- and after; null: busted, the trade no longer counts
    old_pnl DECIMAL(30,4) NOT NULL, -- realised P&L before
    new_pnl DECIMAL(30,4), -- and after
    old_win DECIMAL(20,10), -- win before; null: it had no outcome
    new_win DECIMAL(20,10), -- and after
    was JSONB, -- what the trade was before, where it is another now: account, symbol, side, quantity, …
    became JSONB, -- and what it is now
    CONSTRAINT sync_restatements_pkey PRIMARY KEY (id),
    CONSTRAINT valid_reason CHECK (reason IN ('late', 'corrected', 'busted', 'row', 'event', 'rebuild'))
$$);

CALL pg_temp.have_table('analytics.sync_quarantine', 'Events that could not be applied, set aside with the reason.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    kind VARCHAR(20) NOT NULL, -- channel that it came by
    event_key TEXT NOT NULL, -- trade_id; account, symbol and time of a position; symbol and time of a price
    event JSONB NOT NULL, -- numbers are text, with every digit
    sqlstate VARCHAR(5), -- of the database's refusal; null: it was not even sent
    reason TEXT NOT NULL, -- why it could not be applied, in words
    attempts INTEGER NOT NULL DEFAULT 1, -- to apply it
    first_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was set aside
    last_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- of the last attempt
    resolved_at TIMESTAMP WITH TIME ZONE, -- when it was applied or rejected
    resolution VARCHAR(10), -- how it ended; null: open
    resolved_by VARCHAR(100), -- who accepted or rejected it, and from where; null: the synchroniser
    note TEXT, -- the reason that was given
    CONSTRAINT sync_quarantine_pkey PRIMARY KEY (id),
    CONSTRAINT sync_quarantine_kind_event_key_key UNIQUE (kind, event_key),
    CONSTRAINT valid_kind CHECK (kind IN ('trades', 'positions', 'market_data')),
    CONSTRAINT valid_resolution CHECK (resolution IN ('applied', 'accepted', 'rejected'))
$$);

CALL pg_temp.have_table('analytics.sync_gaps',
    'Spans in which the synchroniser may have missed events, and what was recovered of them.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    worker VARCHAR(100) NOT NULL, -- whose gap it is
    reason VARCHAR(20) NOT NULL, -- what made it
    started_at TIMESTAMP WITH TIME ZONE, -- null: since ever
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL, -- from then on events were heard again
    fence XID8 NOT NULL DEFAULT pg_snapshot_xmax(pg_current_snapshot()), -- filled once no older transaction is open
    recovered BIGINT NOT NULL DEFAULT 0, -- trades
    passes INTEGER NOT NULL DEFAULT 0, -- over the table of trades so far
    filled_at TIMESTAMP WITH TIME ZONE, -- null: trades may still be missing
    error TEXT, -- of the last pass
    CONSTRAINT sync_gaps_pkey PRIMARY KEY (id),
    CONSTRAINT valid_reason CHECK (reason ~ '^(first_start|restart|disconnect|frozen|overflow|lost|unexplained)$'),
    CONSTRAINT valid_span CHECK (started_at <= ended_at)
$$);

CALL pg_temp.have_table('analytics.sync_marks', 'The last price of each symbol that the bus or the bars brought.', $$
    symbol VARCHAR(20) NOT NULL, -- ticker of the instrument
    price DECIMAL(15,4) NOT NULL, -- mark: what positions are valued at
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL, -- of the event; older ones change nothing
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when the price was written here
    CONSTRAINT sync_marks_pkey PRIMARY KEY (symbol)
$$);

CALL pg_temp.have_table('analytics.sync_slots', 'How far the synchroniser has applied the WAL, by replication slot.', $$
    slot_name VARCHAR(63) NOT NULL, -- replication slot
    system_id VARCHAR(20) NOT NULL, -- cluster whose WAL it is; a position of another's says nothing
    lsn PG_LSN NOT NULL, -- the ledger has every transaction that ends at or before it
    publication TEXT NOT NULL, -- what was published, and under which identities, so that a change is noticed
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- of the position
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when the slot was first read
    CONSTRAINT sync_slots_pkey PRIMARY KEY (slot_name)
$$);

-- An older constraint of the same name does not know the mode slot; it is made anew below.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('analytics.sync_workers')
            AND conname = 'valid_mode' AND pg_get_constraintdef(oid) NOT LIKE '%slot%') THEN
        ALTER TABLE analytics.sync_workers DROP CONSTRAINT valid_mode;
    END IF;
END $$;
CALL pg_temp.have_table('analytics.sync_workers', 'The synchroniser''s processes, and how they are.', $$
    worker VARCHAR(100) NOT NULL, -- name that it was given
    mode VARCHAR(10) NOT NULL, -- pubsub: alone; streams: shares the events with others; slot: reads the WAL
    host VARCHAR(255) NOT NULL, -- machine that it runs on
    pid INTEGER NOT NULL, -- on its host
    started_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when the process began
    heartbeat_at TIMESTAMP WITH TIME ZONE NOT NULL, -- older than a few seconds: it hangs, or is gone
    safe_at TIMESTAMP WITH TIME ZONE, -- what was published before is committed or declared as a gap
    stopped_at TIMESTAMP WITH TIME ZONE, -- ended in order; null: runs, or was killed
    stats JSONB NOT NULL DEFAULT '{}', -- what it has counted since its start
    CONSTRAINT sync_workers_pkey PRIMARY KEY (worker),
    CONSTRAINT valid_mode CHECK (mode IN ('pubsub', 'streams', 'slot'))
$$);

CALL pg_temp.have_table('analytics.reports', 'Reports that were kept, each as it was then. Append-only.', $$
    id BIGSERIAL, -- by which it is named
    kind VARCHAR(10) NOT NULL, -- day, or shift: the time up to a moment
    day DATE, -- the desk's day; null for a shift
    from_at TIMESTAMP WITH TIME ZONE NOT NULL, -- first moment that it is about
    to_at TIMESTAMP WITH TIME ZONE NOT NULL, -- first moment that it is no longer about
    time_zone VARCHAR(64) NOT NULL, -- whose days it counts in
    account_id VARCHAR(50), -- null: all accounts
    strategy VARCHAR(100), -- null: all strategies
    version INTEGER NOT NULL, -- of the figures: one more than before where they are others
    digest VARCHAR(64) NOT NULL, -- SHA-256 of the figures: two reports with the same one have the same figures
    trades BIGINT NOT NULL, -- as in the document, as are the sums
    total_value DECIMAL(38,4) NOT NULL, -- sum of the trades' values, buys and sells alike
    realized_pnl DECIMAL(38,4) NOT NULL, -- sum of the trades' realised P&L
    note TEXT, -- what was said with it
    document JSONB NOT NULL, -- the whole report; money is text, with every digit
    made_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was kept
    made_by VARCHAR(100) NOT NULL, -- who kept it, and from where
    CONSTRAINT reports_pkey PRIMARY KEY (id),
    CONSTRAINT valid_kind CHECK (kind IN ('day', 'shift')),
    CONSTRAINT valid_span CHECK (from_at < to_at),
    CONSTRAINT day_with_its_kind CHECK ((kind = 'day') = (day IS NOT NULL))
$$);

CALL pg_temp.have_table('notification.notification_configs',
    'Where alerts go. Secrets are encrypted by the client''s key.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    name VARCHAR(100) NOT NULL, -- that people know the receiver by; unique
    channel VARCHAR(20) NOT NULL, -- kind of service that carries the alert
    target VARCHAR(300), -- what may be shown: an address, a channel's name; never a token or a URL that holds one
    event_types TEXT[] NOT NULL DEFAULT '{}', -- of alerts: their rules, owners or ids; empty: all
    min_severity VARCHAR(10) NOT NULL DEFAULT 'warning', -- less severe ones are not sent
    enabled BOOLEAN NOT NULL DEFAULT true, -- false: nothing goes there
    secret BYTEA, -- webhook or mail server's URL, or token, encrypted with pgcrypto's pgp_sym_encrypt
    secret_key_id VARCHAR(64), -- which key it was encrypted with
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the receiver was added
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the receiver was last changed
    CONSTRAINT notification_configs_pkey PRIMARY KEY (id),
    CONSTRAINT notification_configs_name_key UNIQUE (name),
    CONSTRAINT valid_channel CHECK (channel IN ('email', 'slack', 'webhook', 'sms', 'pagerduty', 'telegram')),
    CONSTRAINT valid_severity CHECK (min_severity IN ('info', 'warning', 'critical')),
    CONSTRAINT secret_with_its_key CHECK ((secret IS NULL) = (secret_key_id IS NULL)),
    CONSTRAINT secret_is_encrypted CHECK (get_byte(secret, 0) = 195 AND get_byte(secret, 2) = 4) -- as OpenPGP's begin
$$);

CALL pg_temp.have_table('notification.notification_logs', 'Alerts that were sent, failed or suppressed.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    config_id BIGINT, -- null: the configuration is gone
    channel VARCHAR(20) NOT NULL, -- way it was sent, as in notification_configs
    event_type VARCHAR(100) NOT NULL, -- what it tells of: alerts in messages of tradetop notify
    severity VARCHAR(10) NOT NULL, -- info, warning or critical
    subject TEXT NOT NULL, -- first line of the message
    body TEXT, -- text of the message; null: the subject says it all
    status VARCHAR(12) NOT NULL DEFAULT 'pending', -- suppressed: not sent, since too many were alike
    attempts INTEGER NOT NULL DEFAULT 0, -- to send it
    error TEXT, -- of the last attempt
    correlation_id VARCHAR(100), -- the event that it tells of; of alerts the message's own id
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was queued
    sent_at TIMESTAMP WITH TIME ZONE, -- when the receiver took it; null: not sent
    tries JSONB NOT NULL DEFAULT '[]', -- the newest 50 attempts: when (microseconds since 1970), how long (ms), the answer
    CONSTRAINT notification_logs_pkey PRIMARY KEY (id),
    CONSTRAINT notification_logs_config_id_fkey FOREIGN KEY (config_id)
        REFERENCES notification.notification_configs (id) ON DELETE SET NULL,
    CONSTRAINT valid_severity CHECK (severity IN ('info', 'warning', 'critical')),
    CONSTRAINT valid_status CHECK (status IN ('pending', 'sent', 'failed', 'suppressed')),
    CONSTRAINT non_negative_attempts CHECK (attempts >= 0)
$$);

CALL pg_temp.have_table('notification.told_alerts', 'What receivers were told of alerts that have not ended since.', $$
    config_id BIGINT NOT NULL, -- the receiver
    alert TEXT NOT NULL, -- the alert's id
    severity VARCHAR(10) NOT NULL, -- the worst that was told
    owner VARCHAR(40) NOT NULL, -- who has to do something about it
    text TEXT NOT NULL, -- what was told
    since TIMESTAMP WITH TIME ZONE NOT NULL, -- when the alert began
    told_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was told last
    CONSTRAINT told_alerts_pkey PRIMARY KEY (config_id, alert),
    CONSTRAINT told_alerts_config_id_fkey FOREIGN KEY (config_id)
        REFERENCES notification.notification_configs (id) ON DELETE CASCADE,
    CONSTRAINT valid_severity CHECK (severity IN ('info', 'warning', 'critical')),
    CONSTRAINT short_alert CHECK (length(alert) BETWEEN 1 AND 400)
$$);

CALL pg_temp.have_table('logging.system_logs', 'Log lines of all services; old ones go to archived_system_logs.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it happened
    service VARCHAR(50) NOT NULL, -- that wrote it
    level VARCHAR(10) NOT NULL DEFAULT 'INFO', -- DEBUG, INFO, WARNING, ERROR or CRITICAL; others' names are translated
    event_type VARCHAR(100), -- what happened, as one word
    message TEXT NOT NULL, -- the line itself
    correlation_id VARCHAR(100), -- joins the lines of one trade, order or request
    context JSONB, -- whatever else helps to understand it
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was written; archiving goes by it
    CONSTRAINT system_logs_pkey PRIMARY KEY (id),
    CONSTRAINT valid_level CHECK (level IN ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'))
$$);

CALL pg_temp.have_table('logging.archived_system_logs', 'Lines of system_logs past their retention, with their ids.', $$
    id BIGINT NOT NULL, -- as it was in system_logs
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL, -- when it happened
    service VARCHAR(50) NOT NULL, -- that wrote it
    level VARCHAR(10) NOT NULL, -- DEBUG, INFO, WARNING, ERROR or CRITICAL
    event_type VARCHAR(100), -- what happened, as one word
    message TEXT NOT NULL, -- the line itself
    correlation_id VARCHAR(100), -- joins the lines of one trade, order or request
    context JSONB, -- whatever else helps to understand it
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when it was written
    archived_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was moved here; the rest as in system_logs
    CONSTRAINT archived_system_logs_pkey PRIMARY KEY (id)
$$);

CALL pg_temp.have_table('logging.performance_logs',
    'What the services measure of themselves: one operation a row, or a summary of a span.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was measured
    service VARCHAR(50) NOT NULL, -- that measured it
    operation VARCHAR(100) NOT NULL, -- what was done, or summed up
    duration_ms DECIMAL(15,3), -- of the operation, or the span that a summary is about
    avg_query_time DECIMAL(15,6), -- seconds a query
    total_queries BIGINT, -- in the span
    slow_query_count BIGINT, -- queries over the service's threshold (1 s)
    correlation_id VARCHAR(100), -- the request that it was part of
    details JSONB, -- whatever else was measured
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was written, up to a batch after timestamp
    CONSTRAINT performance_logs_pkey PRIMARY KEY (id),
    CONSTRAINT non_negative_numbers CHECK (duration_ms >= 0 AND avg_query_time >= 0 AND total_queries >= 0
        AND slow_query_count >= 0)
$$);

CALL pg_temp.have_table('shared.audit_log', 'Who did what to what. Append-only: UPDATE, DELETE and TRUNCATE fail.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- filled by the server, whatever the client says
    user_id VARCHAR(100) NOT NULL, -- the person or service, as the client names it; db_user is what the server knows
    operation VARCHAR(50) NOT NULL, -- select, vacuum-analyze, cancel-query, …
    table_name VARCHAR(200), -- table or other target that it was done to
    target TEXT, -- what exactly: a pid, a row's key, a partition
    statement TEXT, -- the SQL, without values
    rows BIGINT, -- read or changed
    duration_ms DECIMAL(15,3), -- null while it runs
    result VARCHAR(20), -- done, partial, skipped, cancelled, failed, dry_run
    detail JSONB, -- reason, notices, figures before and after
    correlation_id VARCHAR(100), -- joins the records of one action
    db_user TEXT NOT NULL DEFAULT session_user, -- filled by the server; no client may set it
    os_user TEXT, -- operating system's user, with who is behind sudo
    client TEXT, -- where the person sits: host, or the SSH client
    application TEXT DEFAULT current_setting('application_name'), -- application_name of the connection
    client_addr INET DEFAULT inet_client_addr(), -- filled by the server
    backend_pid INTEGER DEFAULT pg_backend_pid(), -- filled by the server
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
$$);

CALL pg_temp.have_table('shared.system_config', 'Settings of the whole system, by key.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    key VARCHAR(100) NOT NULL, -- dotted: trading.enabled
    value JSONB NOT NULL, -- the setting, in the form that its reader takes
    description TEXT, -- what the setting is for, in words for people
    updated_by VARCHAR(100), -- who changed it last, and from where
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the setting was made
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the setting was last changed
    CONSTRAINT system_config_pkey PRIMARY KEY (id),
    CONSTRAINT system_config_key_key UNIQUE (key)
$$);

CALL pg_temp.have_table('shared.alert_marks', 'What operators say of alerts: acknowledged, or muted for a time.', $$
    alert TEXT NOT NULL, -- id of an alert, or of a rule: of all its alerts
    acknowledged_at TIMESTAMP WITH TIME ZONE, -- null: not acknowledged
    acknowledged_by VARCHAR(100), -- who did, and from where
    note TEXT, -- what they said
    muted_at TIMESTAMP WITH TIME ZONE, -- null: not muted
    muted_minutes INTEGER, -- after so many it comes back
    muted_by VARCHAR(100), -- who muted it, and from where
    updated_by VARCHAR(100), -- who changed the row last, and from where
    version INTEGER NOT NULL DEFAULT 1, -- optimistic lock: grows by one with every update
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when the alert was first acknowledged or muted
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now(), -- when that last changed
    CONSTRAINT alert_marks_pkey PRIMARY KEY (alert),
    CONSTRAINT mute_with_its_end CHECK ((muted_at IS NULL) = (muted_minutes IS NULL)),
    CONSTRAINT short_alert CHECK (length(alert) BETWEEN 1 AND 400)
$$);

CALL pg_temp.have_table('shared.alert_lives',
    'Alerts from when they fired until they cleared, as consoles and services saw them; one that stands has one row.', $$
    id BIGSERIAL, -- surrogate key: rises with each row, may have gaps
    alert TEXT NOT NULL, -- id of the alert: its rule's, or RULE:SUBJECT
    rule VARCHAR(100) NOT NULL, -- id of the rule that found it
    subject TEXT, -- what it is about; null: the rule finds one thing only
    severity VARCHAR(4) NOT NULL, -- the worst that it was
    text TEXT NOT NULL, -- what it said last
    cause TEXT, -- what caused it, in a phrase; null: not known
    caused_by TEXT, -- id of the alert that it was an effect of; null: of none
    fired_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when it began
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL, -- when it was last found
    cleared_at TIMESTAMP WITH TIME ZONE, -- when it was last found before it ended; null: it stands
    seen_by VARCHAR(100) NOT NULL, -- console or service that saw it first
    CONSTRAINT alert_lives_pkey PRIMARY KEY (id),
    CONSTRAINT valid_severity CHECK (severity IN ('warn', 'crit')),
    CONSTRAINT short_alert CHECK (length(alert) BETWEEN 1 AND 400),
    CONSTRAINT valid_life CHECK (fired_at <= last_seen_at)
$$);

CALL pg_temp.have_table('shared.maintenance_runs', 'Runs of scheduled maintenance: those that were, and the next one of each job.', $$
    job VARCHAR(50) NOT NULL, -- the job's name, as tradetop maintain --list gives it
    due_at TIMESTAMP WITH TIME ZONE NOT NULL, -- by the job's cron expression
    start_by TIMESTAMP WITH TIME ZONE NOT NULL, -- not started by then, it was missed
    stop_at TIMESTAMP WITH TIME ZONE NOT NULL, -- end of its window, where a run stops
    host VARCHAR(200), -- of the scheduler that started it; null: nobody has
    started_at TIMESTAMP WITH TIME ZONE, -- null: planned, missed or skipped
    ended_at TIMESTAMP WITH TIME ZONE, -- null: runs, or was never started
    outcome VARCHAR(12), -- null: planned, or runs
    detail TEXT, -- what was done, or why not
    CONSTRAINT maintenance_runs_pkey PRIMARY KEY (job, due_at),
    CONSTRAINT valid_outcome CHECK (outcome IN ('done', 'partial', 'skipped', 'cancelled', 'failed', 'missed'))
$$);

CALL pg_temp.have_table('shared.schema_migrations', 'Ledger of sql/migrations: what was applied, and what it was.', $$
    version INTEGER NOT NULL, -- number of the file
    name TEXT NOT NULL, -- name of the file
    checksum TEXT NOT NULL, -- SHA-256 of the file
    applied_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), -- when it was applied
    applied_by TEXT NOT NULL DEFAULT session_user, -- database user
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
$$);
INSERT INTO shared.schema_migrations (version, name, checksum)
SELECT version, name, checksum FROM pg_temp.migrations() WHERE NOT EXISTS (SELECT FROM shared.schema_migrations);

-- The audit log's guard. ALWAYS: also in a session that replays replication. An upgrade that must change the log drops the
-- trigger and creates it again, as the table's owner.
CREATE OR REPLACE FUNCTION shared.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog,
    pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: it is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'append_only', SCHEMA = TG_TABLE_SCHEMA,
            TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION shared.refuse_change() IS 'Trigger of append-only tables.';

-- What only the server knows is the server's, whatever the client sends: when (not now(), which is as old as the
-- transaction), as which database user, from where, by which process.
CREATE OR REPLACE FUNCTION shared.stamp_audit() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.timestamp := clock_timestamp();
    NEW.db_user := session_user;
    NEW.client_addr := inet_client_addr();
    NEW.backend_pid := pg_backend_pid();
    RETURN NEW;
END $$;
COMMENT ON FUNCTION shared.stamp_audit() IS 'Trigger of the audit log: fills the columns that no client may fill.';
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'shared.audit_log'::regclass
        AND tgname = 'audit_log_stamp') THEN
        CREATE TRIGGER audit_log_stamp BEFORE INSERT ON shared.audit_log
            FOR EACH ROW EXECUTE FUNCTION shared.stamp_audit();
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'shared.audit_log'::regclass
        AND tgname = 'audit_log_append_only') THEN
        CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shared.audit_log
            FOR EACH STATEMENT EXECUTE FUNCTION shared.refuse_change();
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'shared.audit_log'::regclass AND tgname = 'audit_log_append_only'
        AND tgenabled <> 'A') THEN
        ALTER TABLE shared.audit_log ENABLE ALWAYS TRIGGER audit_log_append_only;
    END IF;
END $$;

-- Services log by the levels of their own libraries: those of Python's logging and of syslog, in any case, are kept as one of
-- ours. What is neither stays as it is, and the table refuses it.
CREATE OR REPLACE FUNCTION logging.keep_level() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.level := CASE upper(btrim(NEW.level))
        WHEN 'NOTSET' THEN 'DEBUG' WHEN 'TRACE' THEN 'DEBUG' WHEN 'DEBUG' THEN 'DEBUG'
        WHEN 'INFO' THEN 'INFO' WHEN 'NOTICE' THEN 'INFO'
        WHEN 'WARNING' THEN 'WARNING' WHEN 'WARN' THEN 'WARNING'
        WHEN 'ERROR' THEN 'ERROR' WHEN 'ERR' THEN 'ERROR'
        WHEN 'CRITICAL' THEN 'CRITICAL' WHEN 'CRIT' THEN 'CRITICAL' WHEN 'FATAL' THEN 'CRITICAL'
        WHEN 'ALERT' THEN 'CRITICAL' WHEN 'EMERG' THEN 'CRITICAL' WHEN 'EMERGENCY' THEN 'CRITICAL'
        WHEN 'PANIC' THEN 'CRITICAL' ELSE NEW.level END;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION logging.keep_level() IS 'Trigger of system_logs: keeps a level by one of its five names.';
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'logging.system_logs'::regclass
        AND tgname = 'system_logs_level') THEN
        CREATE TRIGGER system_logs_level BEFORE INSERT OR UPDATE OF level ON logging.system_logs FOR EACH ROW
            WHEN (NEW.level NOT IN ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'))
            EXECUTE FUNCTION logging.keep_level();
    END IF;
END $$;

-- How a client passes a key or a secret to its transaction: COPY … FROM STDIN into this view, whose rows become settings of
-- the transaction (tradetop_secret.NAME) and are stored nowhere. COPY data is in no statement, so it gets into no log, view
-- or statistics, as a bound parameter may (log_parameter_max_length, auto_explain, pgaudit).
CREATE OR REPLACE FUNCTION notification.keep_for_transaction() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept text;
BEGIN
    IF NEW.name IS NULL OR NEW.name NOT IN ('key', 'old_key', 'text') THEN
        RAISE EXCEPTION 'a session secret is key, old_key or text' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'valid_secret_name';
    END IF;
    kept := set_config('tradetop_secret.' || NEW.name, NEW.value, true);
    RETURN NEW;
END $$;
COMMENT ON FUNCTION notification.keep_for_transaction()
    IS 'Trigger of session_secrets: keeps a value for the transaction.';
DO $$
BEGIN
    IF to_regclass('notification.session_secrets') IS NULL THEN
        CREATE VIEW notification.session_secrets AS SELECT ''::text AS name, ''::text AS value WHERE false;
        COMMENT ON VIEW notification.session_secrets IS
            'Takes keys and secrets for one transaction by COPY … FROM STDIN (FORMAT binary); always empty.';
        CALL pg_temp.try('ALTER VIEW notification.session_secrets OWNER TO tradetop_owner');
    END IF;
    IF col_description('notification.session_secrets'::regclass, 1) IS NULL
        OR col_description('notification.session_secrets'::regclass, 2) IS NULL THEN
        COMMENT ON COLUMN notification.session_secrets.name IS 'what it is: key, old_key (of a rotation) or text (a secret)';
        COMMENT ON COLUMN notification.session_secrets.value IS 'the key or secret itself; kept until the transaction ends';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'notification.session_secrets'::regclass
        AND tgname = 'session_secrets_keep') THEN
        CREATE TRIGGER session_secrets_keep INSTEAD OF INSERT ON notification.session_secrets
            FOR EACH ROW EXECUTE FUNCTION notification.keep_for_transaction();
    END IF;
END $$;

-- The bounds of a partitioned table's partitions; the default partition has none.
CREATE OR REPLACE FUNCTION shared.partitions(parent regclass)
RETURNS TABLE (partition regclass, from_at timestamptz, to_at timestamptz, is_default boolean) LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
SELECT c.oid::regclass, CASE WHEN bound LIKE '%FROM (MINVALUE)%' THEN '-infinity'
    ELSE substring(bound FROM 'FROM \(''([^'']+)''\)')::timestamptz END,
    CASE WHEN bound LIKE '%TO (MAXVALUE)%' THEN 'infinity'
        ELSE substring(bound FROM 'TO \(''([^'']+)''\)')::timestamptz END, bound = 'DEFAULT'
FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid, LATERAL pg_get_expr(relpartbound, c.oid) AS bound
WHERE inhparent = parent
ORDER BY 2 NULLS LAST
$$;
COMMENT ON FUNCTION shared.partitions(regclass)
    IS 'Partitions of a table that is partitioned by range of one time, with their bounds.';

-- The table of a given name: partitioned by range of one timestamptz, and with the same owner as the functions that change
-- it.
CREATE OR REPLACE FUNCTION shared.partitioned_table(table_name text)
RETURNS regclass LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rel regclass := to_regclass(table_name);
BEGIN
    IF rel IS NULL AND table_name !~ '[."]' THEN
        SELECT CASE WHEN count(*) = 1 THEN min(oid) END INTO rel FROM pg_class
            WHERE relname = lower(table_name) AND relkind = 'p' AND relowner = current_user::regrole;
    END IF;
    IF rel IS NULL THEN
        RAISE EXCEPTION 'there is no partitioned table "%"', table_name USING ERRCODE = 'undefined_table';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_partitioned_table JOIN pg_class AS c ON c.oid = partrelid
            JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
            WHERE partrelid = rel AND partstrat = 'r' AND partnatts = 1 AND atttypid = 'timestamptz'::regtype
                AND relowner = current_user::regrole) THEN
        RAISE EXCEPTION 'table "%" is not one of ours that is partitioned by time', table_name
            USING ERRCODE = 'wrong_object_type';
    END IF;
    -- Services may not touch closed books. The session's user is known, whoever this function runs as.
    IF rel IN (to_regclass('execution.archived_trades'), to_regclass('analytics.archived_sync_ledger'))
            AND NOT pg_has_role(session_user, 'tradetop_operator', 'MEMBER') THEN
        RAISE EXCEPTION 'only tradetop_operator may change the months of "%"', table_name
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN rel;
END $$;
COMMENT ON FUNCTION shared.partitioned_table(text)
    IS 'Finds the partitioned table that a bare or qualified name means, or refuses.';

-- Created beside the parent and attached: the parent stays open for reading and writing (ShareUpdateExclusive), where
-- CREATE TABLE … PARTITION OF would lock it exclusively. Only the default partition, which should be empty, is locked
-- exclusively while its rows of that month are moved; queries that might need it wait for that moment, and an insert into
-- that month may fail with 23514: retry. If it cannot get a lock within 2 s, it fails with 55P03: retry, too.
CREATE OR REPLACE FUNCTION shared.create_monthly_partition(table_name text, start_date date)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    parent regclass := shared.partitioned_table(table_name);
    month_start timestamptz := start_date;
    month_end timestamptz := start_date + interval '1 month';
    child text;
    key text;
    columns text;
    other record;
    moved bigint := 0;
BEGIN
    IF start_date IS NULL OR NOT isfinite(start_date) OR start_date <> date_trunc('month', start_date)::date THEN
        RAISE EXCEPTION 'a monthly partition starts on the first day of a month, not on %',
            COALESCE(start_date::text, 'null')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'first_of_month';
    END IF;
    SELECT format('%I.%I', nspname, relname || to_char(start_date, '_YYYY_MM')) INTO child
        FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE pg_class.oid = parent;
    PERFORM pg_advisory_xact_lock(hashtextextended('tradetop partitions of ' || parent::oid, 0));
    FOR other IN SELECT * FROM shared.partitions(parent) AS p WHERE p.from_at < month_end AND p.to_at > month_start LOOP
        IF other.from_at = month_start AND other.to_at = month_end THEN
            RETURN 'already there';
        END IF;
        RAISE EXCEPTION 'month % of % overlaps partition % (% to %)', to_char(start_date, 'YYYY-MM'), parent,
            other.partition, other.from_at, other.to_at
            USING ERRCODE = 'invalid_object_definition', CONSTRAINT = 'no_overlap';
    END LOOP;
    IF to_regclass(child) IS NOT NULL THEN
        RAISE EXCEPTION 'table % is there, but is not a partition of %', child, parent
            USING ERRCODE = 'duplicate_table',
                HINT = format('Attach it again or rename it: ALTER TABLE %s ATTACH PARTITION %s '
                    'FOR VALUES FROM (%L) TO (%L);', parent, child, month_start, month_end);
    END IF;
    SELECT quote_ident(attname) INTO key FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid
        AND attnum = partattrs[0] WHERE partrelid = parent;
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
        FROM pg_attribute WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED '
        'INCLUDING INDEXES INCLUDING STORAGE)', child, parent);
    EXECUTE format('COMMENT ON TABLE %s IS %L', child, format('Rows of %s in %s, UTC.', parent,
        to_char(start_date, 'YYYY-MM')));
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT of_this_month CHECK (%s >= %L AND %s < %L)', child, key, month_start,
        key, month_end);
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);
    FOR other IN SELECT * FROM shared.partitions(parent) WHERE is_default LOOP
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', other.partition);
        EXECUTE format('WITH moved AS (DELETE FROM %s WHERE %s >= %L AND %s < %L RETURNING %s) '
            'INSERT INTO %s (%s) SELECT %s FROM moved',
            other.partition, key, month_start, key, month_end, columns, child, columns, columns);
        GET DIAGNOSTICS moved = ROW_COUNT;
    END LOOP;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, child, month_start,
        month_end);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT of_this_month', child);
    RETURN CASE WHEN moved = 0 THEN 'created' ELSE format('created, %s rows moved from the default partition',
        moved) END;
END $$;
COMMENT ON FUNCTION shared.create_monthly_partition(text, date) IS
    'Makes the partition of the month (UTC) that starts on the date, or finds it there. Refuses what overlaps another.';

CREATE OR REPLACE FUNCTION shared.ensure_partitions_ahead(months integer DEFAULT 6,
    table_name text DEFAULT 'data_ingestion.market_data')
RETURNS TABLE (month date, result text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
BEGIN
    IF months IS NULL OR months NOT BETWEEN 0 AND 120 THEN
        RAISE EXCEPTION 'months ahead must be 0 to 120, not %', COALESCE(months::text, 'null')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'valid_months_ahead';
    END IF;
    FOR month IN SELECT (date_trunc('month', now()) + make_interval(months => n))::date
        FROM generate_series(0, months) AS n LOOP
        result := shared.create_monthly_partition(table_name, month);
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION shared.ensure_partitions_ahead(integer, text) IS
    'Makes the partitions of this month and of so many months ahead, where they are missing.';

-- DETACH … CONCURRENTLY is not possible with a default partition, so the parent is locked exclusively while the catalogue is
-- changed, after a wait of at most 1 s. The months remain as separate tables: nothing is lost.
CREATE OR REPLACE FUNCTION shared.detach_old_partitions(keep_days integer,
    table_name text DEFAULT 'data_ingestion.market_data')
RETURNS TABLE (partition text, from_at timestamptz, to_at timestamptz) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
    parent regclass := shared.partitioned_table(table_name);
    old record;
BEGIN
    IF keep_days IS NULL OR keep_days < 1 THEN
        RAISE EXCEPTION 'retention must be at least 1 day, not %', COALESCE(keep_days::text, 'null')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'positive_retention';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('tradetop partitions of ' || parent::oid, 0));
    FOR old IN SELECT * FROM shared.partitions(parent) AS p WHERE p.to_at <= now() - make_interval(days => keep_days)
        LOOP
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, old.partition);
        EXECUTE format('COMMENT ON TABLE %s IS %L', old.partition,
            format('Detached from %s on %s: %s to %s.', parent, now()::date, old.from_at, old.to_at));
        partition := old.partition::text;
        from_at := old.from_at;
        to_at := old.to_at;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION shared.detach_old_partitions(integer, text) IS
    'Detaches the months that ended more than so many days ago; they stay as tables. Refuses a retention under 1 day.';

-- What a REINDEX CONCURRENTLY leaves when it fails: an invalid copy that slows every write. MAINTAIN allows to reindex, and
-- not to drop, so the operator needs this. It waits for the table's lock for at most 2 s, as no statement is to queue behind it;
-- while somebody builds the index it does not get it.
CREATE OR REPLACE FUNCTION shared.drop_leftover_index(index_name text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    leftover regclass := to_regclass(index_name);
BEGIN
    IF leftover IS NULL THEN
        RAISE EXCEPTION 'there is no index "%"', index_name USING ERRCODE = 'undefined_table';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid
            WHERE indexrelid = leftover AND NOT indisvalid AND c.relkind = 'i' AND c.relname ~ '_cc(new|old)\d*$'
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = leftover)) THEN
        RAISE EXCEPTION 'index "%" is no invalid copy that a failed REINDEX left', index_name
            USING ERRCODE = 'wrong_object_type';
    END IF;
    EXECUTE format('DROP INDEX %s', leftover);
END $$;
COMMENT ON FUNCTION shared.drop_leftover_index(text) IS
    'Drops the invalid copy of an index that a failed REINDEX CONCURRENTLY left, and no other index.';

-- What one account holds of one symbol after each of its trades, in the given order, the average cost of that, and the P&L
-- that the trade realises. It begins from what is held already and its average. A buy adds price and commission to the cost,
-- whose average is rounded to 4 decimals like positions.avg_price; a sell realises (price − average) × quantity less its own
-- commission. A quantity sold beyond the position has no known cost and realises nothing. A trade of unknown side changes
-- nothing.
CREATE OR REPLACE FUNCTION analytics.average_cost(begin_held numeric, begin_average numeric,
    sides text[], quantities numeric[], prices numeric[], commissions numeric[])
RETURNS TABLE (held numeric, average numeric, realised numeric) LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    covered numeric;
    t record;
BEGIN
    held := begin_held;
    average := begin_average;
    FOR t IN SELECT * FROM unnest(sides, quantities, prices, commissions) AS u (side, quantity, price, commission) LOOP
        realised := 0.0000;
        IF t.side = 'sell' AND held > 0 THEN
            covered := LEAST(t.quantity, held);
            realised := round((t.price - average) * covered - COALESCE(t.commission, 0), 4);
            held := held - covered;
            average := CASE WHEN held > 0 THEN average ELSE 0 END;
        ELSIF t.side = 'buy' THEN
            covered := held * average + t.quantity * t.price + COALESCE(t.commission, 0);
            held := held + t.quantity;
            -- Rounded once, half up: a division and then round() would round twice.
            average := div(covered * 20000 + held, held * 2) * 0.0001;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION analytics.average_cost(numeric, numeric, text[], numeric[], numeric[], numeric[]) IS
    'Position, average cost and realised P&L after each of an account''s trades of a symbol, commissions included.';

-- Owners. The functions that change partitions belong to the owner of the partitioned table and run with its rights.
DO $$
DECLARE
    o record;
    keeper_may_create boolean := has_schema_privilege('tradetop_owner', 'shared', 'CREATE');
BEGIN
    FOR o IN
        SELECT kind, name, wanted, rank FROM (
            SELECT 0 AS rank, 'TYPE' AS kind, format('%I.%I', nspname, typname) AS name, nspname, typowner AS owner,
                '' AS bare
            FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = typnamespace WHERE typtype = 'e'
            UNION ALL
            SELECT 1, 'TABLE', format('%I.%I', nspname, relname), nspname, relowner, ''
            FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE relkind IN ('r', 'p')
            UNION ALL
            SELECT 2, 'FUNCTION', p.oid::regprocedure::text, nspname, proowner, proname
            FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
        ) AS objects, LATERAL (SELECT CASE
            WHEN bare IN ('create_monthly_partition', 'ensure_partitions_ahead', 'detach_old_partitions',
                    'drop_leftover_index')
                THEN 'tradetop_owner'
            WHEN nspname = 'shared' THEN 'tradetop_keeper' ELSE 'tradetop_owner' END AS wanted) AS w
        WHERE nspname IN ('data_ingestion', 'strategy_engine', 'execution', 'risk_management', 'analytics',
            'notification', 'logging', 'shared')
            AND owner <> to_regrole(wanted)
        ORDER BY rank
    LOOP
        IF o.kind = 'FUNCTION' AND NOT keeper_may_create THEN
            GRANT CREATE ON SCHEMA shared TO tradetop_owner;
        END IF;
        CALL pg_temp.try(format('ALTER %s %s OWNER TO %I', o.kind, o.name, o.wanted));
    END LOOP;
    IF NOT keeper_may_create THEN
        REVOKE CREATE ON SCHEMA shared FROM tradetop_owner;
    END IF;
END $$;

-- The functions that change partitions call the others as the owner of the tables.
GRANT USAGE ON SCHEMA shared TO tradetop_owner;

-- What `tradetop sync --source slot` reads of the WAL. It costs nothing without a slot. A DELETE of a trade carries its
-- trade_id, and an UPDATE the one that it had, where that is the table's replica identity. A table without any replica
-- identity stays out: its services could no longer update a row. FULL, which others may need, is left as it is.
DO $$
DECLARE
    tab text;
    pub record;
    may_own boolean := has_database_privilege('tradetop_owner', current_database(), 'CREATE')
        OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
BEGIN
    -- The server warns below wal_level = logical, which only that mode needs.
    PERFORM set_config('client_min_messages', 'error', true);
    IF (SELECT relreplident NOT IN ('f', 'i') FROM pg_class WHERE oid = 'execution.trades'::regclass)
            AND EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'execution.trades'::regclass
                AND conname = 'trades_trade_id_key' AND contype = 'u' AND NOT condeferrable) THEN
        ALTER TABLE execution.trades REPLICA IDENTITY USING INDEX trades_trade_id_key;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'tradetop') THEN
        CREATE PUBLICATION tradetop WITH (publish_via_partition_root = true);
    END IF;
    SELECT oid, puballtables, pubowner, pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot AS whole
        INTO pub FROM pg_publication WHERE pubname = 'tradetop';
    IF NOT pub.whole THEN
        ALTER PUBLICATION tradetop SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true);
    END IF;
    FOREACH tab IN ARRAY '{execution.trades,execution.orders,execution.positions,data_ingestion.market_data}'::text[]
        LOOP
        IF NOT pub.puballtables
                AND NOT EXISTS (SELECT FROM pg_publication_rel WHERE prpubid = pub.oid AND prrelid = tab::regclass)
                AND EXISTS (SELECT FROM pg_class AS c LEFT JOIN pg_index ON indrelid = c.oid AND (indisreplident
                    OR relreplident = 'd' AND indisprimary)
                    WHERE c.oid = tab::regclass AND (relreplident = 'f' OR indexrelid IS NOT NULL)) THEN
            EXECUTE format('ALTER PUBLICATION tradetop ADD TABLE %s', tab);
        END IF;
    END LOOP;
    IF pub.pubowner <> 'tradetop_owner'::regrole THEN
        IF NOT may_own THEN
            EXECUTE format('GRANT CREATE ON DATABASE %I TO tradetop_owner', current_database());
        END IF;
        ALTER PUBLICATION tradetop OWNER TO tradetop_owner;
        IF NOT may_own THEN
            EXECUTE format('REVOKE CREATE ON DATABASE %I FROM tradetop_owner', current_database());
        END IF;
    END IF;
    PERFORM set_config('client_min_messages', 'warning', true);
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'publication tradetop is not complete: %', SQLERRM
        USING HINT = 'Only tradetop sync --source slot needs it. Run this step again as a superuser.';
END $$;

-- @section roles
-- Row-level security: trading_app sees and writes the rows of the account in app.current_account_id, and none if that is not
-- set. The services, monitor and operator see every account. It does not apply to owners and superusers.
CREATE OR REPLACE PROCEDURE pg_temp.have_policy(tab regclass, policy name, command text, roles text, expression text)
    LANGUAGE plpgsql AS $$
DECLARE
    now record;
    wanted text := CASE WHEN command = 'ALL' THEN expression END;
BEGIN
    SELECT polcmd, polroles, pg_get_expr(polqual, polrelid) AS used, pg_get_expr(polwithcheck, polrelid) AS checked,
        polpermissive INTO now
        FROM pg_policy WHERE polrelid = tab AND polname = policy;
    IF FOUND AND now.polcmd = (CASE command WHEN 'ALL' THEN '*' ELSE 'r' END) AND now.used = expression
            AND now.checked IS NOT DISTINCT FROM wanted AND now.polpermissive
            AND now.polroles = ARRAY(SELECT r::regrole::oid FROM unnest(string_to_array(roles, ', ')) AS r) THEN
        RETURN;
    END IF;
    EXECUTE format('DROP POLICY IF EXISTS %I ON %s', policy, tab);
    EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %s USING (%s)%s', policy, tab, command, roles, expression,
        CASE WHEN wanted IS NOT NULL THEN format(' WITH CHECK (%s)', wanted) ELSE '' END);
END $$;
DO $$
DECLARE
    tab text;
BEGIN
    FOREACH tab IN ARRAY '{orders,trades,positions,archived_trades,execution_logs}'::text[] LOOP
        IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = ('execution.' || tab)::regclass) THEN
            EXECUTE format('ALTER TABLE execution.%I ENABLE ROW LEVEL SECURITY', tab);
        END IF;
        CALL pg_temp.have_policy(('execution.' || tab)::regclass, tab || '_account_policy', 'ALL', 'trading_app',
            '((account_id)::text = NULLIF(current_setting(''app.current_account_id''::text, true), ''''::text))');
        CALL pg_temp.have_policy(('execution.' || tab)::regclass, tab || '_services_policy', 'ALL',
            'tradetop_services', 'true');
        CALL pg_temp.have_policy(('execution.' || tab)::regclass, tab || '_watch_policy', 'SELECT',
            'tradetop_monitor, tradetop_operator', 'true');
    END LOOP;
    -- To correct, bust and archive trades, and to mark positions: the rights on the tables say which columns.
    FOREACH tab IN ARRAY '{trades,positions,archived_trades}'::text[] LOOP
        CALL pg_temp.have_policy(('execution.' || tab)::regclass, tab || '_operator_policy', 'ALL',
            'tradetop_operator', 'true');
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION shared.create_monthly_partition(text, date), shared.ensure_partitions_ahead(integer, text),
    shared.detach_old_partitions(integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shared.create_monthly_partition(text, date), shared.ensure_partitions_ahead(integer, text),
    shared.detach_old_partitions(integer, text) TO tradetop_operator, svc_data_ingestion;
REVOKE ALL ON FUNCTION shared.drop_leftover_index(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shared.drop_leftover_index(text) TO tradetop_operator;

-- All services: write logs and audit records, read the configuration. Of the columns that the server fills, they may name
-- the time, as much SQL does; the server's own counts.
GRANT USAGE ON SCHEMA logging, shared TO tradetop_services;
GRANT INSERT ON logging.system_logs, logging.performance_logs TO tradetop_services;
GRANT USAGE ON SEQUENCE logging.system_logs_id_seq, logging.performance_logs_id_seq TO tradetop_services;
GRANT SELECT ON shared.system_config TO tradetop_services;
GRANT USAGE ON SCHEMA shared TO trading_app;
GRANT INSERT (timestamp, user_id, operation, table_name, target, statement, rows, duration_ms, result, detail, correlation_id,
    os_user, client, application)
    ON shared.audit_log TO tradetop_services, trading_app, tradetop_operator;
GRANT USAGE ON SEQUENCE shared.audit_log_id_seq TO tradetop_services, trading_app, tradetop_operator;

-- What everybody may write by PostgreSQL's own default, whatever the rights on tables: large objects, and messages in the
-- WAL. Only services and the application may, so that the monitor writes nothing.
DO $$
DECLARE
    f record;
BEGIN
    SELECT string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid) AS names,
        bool_and(pg_has_role(proowner, 'USAGE')) AS ours INTO f
    FROM pg_proc AS p
    WHERE pronamespace = 'pg_catalog'::regnamespace
        AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'pg_logical_emit_message')
        AND EXISTS (SELECT FROM aclexplode(COALESCE(proacl, acldefault('f', proowner))) WHERE grantee = 0);
    IF f.names IS NOT NULL THEN
        CALL pg_temp.try(format('GRANT EXECUTE ON FUNCTION %s TO tradetop_services, trading_app', f.names), f.ours);
        CALL pg_temp.try(format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.names), f.ours);
    END IF;
END $$;

-- Each service: read and write its own schema, and read what it needs of others.
GRANT USAGE ON SCHEMA data_ingestion TO svc_data_ingestion, svc_strategy_engine, svc_execution, svc_risk_management,
    svc_analytics, tradetop_sync, trading_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON data_ingestion.market_data, data_ingestion.data_quality_logs,
    data_ingestion.ingestion_status TO svc_data_ingestion;
GRANT USAGE ON SEQUENCE data_ingestion.market_data_id_seq, data_ingestion.data_quality_logs_id_seq,
    data_ingestion.ingestion_status_id_seq TO svc_data_ingestion;
GRANT SELECT ON data_ingestion.market_data TO svc_strategy_engine, svc_execution, svc_risk_management, svc_analytics,
    tradetop_sync, trading_app;
GRANT SELECT ON data_ingestion.data_quality_logs, data_ingestion.ingestion_status TO svc_analytics;
-- The synchroniser validates.
GRANT SELECT, INSERT, UPDATE ON data_ingestion.data_quality_logs TO tradetop_sync;
GRANT USAGE ON SEQUENCE data_ingestion.data_quality_logs_id_seq TO tradetop_sync;

GRANT USAGE ON SCHEMA strategy_engine TO svc_strategy_engine, svc_execution, svc_risk_management, svc_analytics,
    trading_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA strategy_engine TO svc_strategy_engine;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA strategy_engine TO svc_strategy_engine;
GRANT SELECT ON strategy_engine.strategies TO svc_execution, svc_risk_management, svc_analytics, trading_app;
GRANT SELECT ON strategy_engine.strategy_signals TO svc_execution;
GRANT SELECT ON strategy_engine.strategy_performance TO svc_analytics;

GRANT USAGE ON SCHEMA execution TO svc_strategy_engine, svc_execution, svc_risk_management, svc_analytics,
    tradetop_sync, trading_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON execution.orders, execution.positions TO svc_execution, trading_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA execution TO svc_execution, trading_app;
-- Fills are append-only: what was granted beyond that, by an older release or by hand, is taken back, from columns too.
GRANT SELECT, INSERT ON execution.trades TO svc_execution, trading_app;
REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON execution.trades FROM PUBLIC, tradetop_services, trading_app,
    svc_data_ingestion, svc_strategy_engine, svc_execution, svc_risk_management, svc_analytics, svc_notification,
    svc_logging, tradetop_sync, tradetop_monitor;
-- So is the life of the orders.
GRANT SELECT, INSERT ON execution.execution_logs TO svc_execution, trading_app;
REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON execution.execution_logs FROM PUBLIC, tradetop_services,
    trading_app, svc_data_ingestion, svc_strategy_engine, svc_execution, svc_risk_management, svc_analytics,
    svc_notification, svc_logging, tradetop_sync, tradetop_monitor;
GRANT SELECT ON execution.orders, execution.trades, execution.positions, execution.execution_logs
    TO svc_strategy_engine, svc_risk_management, svc_analytics, tradetop_sync;
GRANT SELECT ON execution.archived_trades TO svc_execution, trading_app, svc_strategy_engine, svc_risk_management,
    svc_analytics, tradetop_sync;
GRANT UPDATE (market_value, unrealized_pnl, last_price, last_price_at, last_updated, version) ON execution.positions
    TO tradetop_sync;

GRANT USAGE ON SCHEMA risk_management TO svc_risk_management, svc_execution, svc_notification;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA risk_management TO svc_risk_management;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA risk_management TO svc_risk_management;
GRANT SELECT ON risk_management.risk_limits, risk_management.position_limits TO svc_execution;
GRANT SELECT ON risk_management.risk_events TO svc_notification;

-- The synchroniser measures position limits, and records a breach when it begins and that it is over.
GRANT USAGE ON SCHEMA risk_management TO tradetop_sync;
GRANT SELECT ON risk_management.risk_limits, risk_management.position_limits, risk_management.risk_events TO tradetop_sync;
GRANT UPDATE (used_quantity, used_value, evaluated_at, breached_at, event_id) ON risk_management.position_limits
    TO tradetop_sync;
GRANT INSERT (event_type, severity, account_id, strategy, symbol, observed_value, limit_value, message, correlation_id),
    UPDATE (resolved_at, updated_at, version) ON risk_management.risk_events TO tradetop_sync;
GRANT USAGE ON SEQUENCE risk_management.risk_events_id_seq TO tradetop_sync;

GRANT USAGE ON SCHEMA analytics TO svc_analytics, tradetop_sync, svc_risk_management;
-- But for the closed books and their months, attached or detached: those the services read, and nobody changes.
DO $$
DECLARE
    tables text := (SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relnamespace = 'analytics'::regnamespace
        AND relkind IN ('r', 'p') AND relname !~ '^(archived_sync_ledger|book_closings$|opening_balances$|reports$)');
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO svc_analytics, tradetop_sync', tables);
END $$;
GRANT SELECT ON analytics.archived_sync_ledger, analytics.book_closings, analytics.opening_balances
    TO svc_analytics, tradetop_sync;
-- Reports are kept by whoever makes them for the desk, and changed by nobody.
GRANT SELECT, INSERT ON analytics.reports TO svc_analytics;
GRANT INSERT ON analytics.reports TO tradetop_operator;
GRANT USAGE ON SEQUENCE analytics.reports_id_seq TO tradetop_operator;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA analytics TO svc_analytics, tradetop_sync;
REVOKE USAGE ON SEQUENCE analytics.reports_id_seq FROM tradetop_sync;
GRANT SELECT ON analytics.portfolio_summary TO svc_risk_management;

GRANT USAGE ON SCHEMA notification TO svc_notification;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA notification TO svc_notification;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA notification TO svc_notification;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA logging TO svc_logging;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA logging TO svc_logging;
GRANT SELECT ON logging.system_logs TO svc_notification;

-- Monitor and operator: read everything but secrets.
GRANT USAGE ON SCHEMA data_ingestion, strategy_engine, execution, risk_management, analytics, notification, logging,
    shared
    TO tradetop_monitor, tradetop_operator;
GRANT SELECT ON ALL TABLES IN SCHEMA strategy_engine, execution, risk_management, analytics, logging, shared
    TO tradetop_monitor, tradetop_operator;
GRANT SELECT ON data_ingestion.market_data, data_ingestion.data_quality_logs, data_ingestion.ingestion_status,
    data_ingestion.market_data_default, notification.notification_logs TO tradetop_monitor, tradetop_operator;
GRANT SELECT (id, name, channel, target, event_types, min_severity, enabled, secret_key_id, version, created_at,
    updated_at)
    ON notification.notification_configs TO tradetop_monitor, tradetop_operator;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA data_ingestion, strategy_engine, execution, risk_management, analytics,
    notification, logging, shared TO tradetop_monitor, tradetop_operator;

-- Operator: archive logs, acknowledge risk events, make and set limits and configuration. It corrects and busts trades, but neither
-- enters them nor moves them to another account, symbol or order; it rebuilds analytics and marks positions; no orders.
GRANT UPDATE (quantity, price, commission, side, total_value, realized_pnl, win_rate, executed_at, strategy, trade_type),
    DELETE ON execution.trades TO tradetop_operator;
REVOKE INSERT, TRUNCATE, REFERENCES, TRIGGER ON execution.trades FROM tradetop_operator;
-- It closes the books, and moves what is closed.
GRANT INSERT ON execution.archived_trades, analytics.archived_sync_ledger, analytics.book_closings,
    analytics.opening_balances TO tradetop_operator;
REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON execution.archived_trades, analytics.archived_sync_ledger,
    analytics.book_closings, analytics.opening_balances FROM PUBLIC, tradetop_services, trading_app, svc_data_ingestion,
    svc_strategy_engine, svc_execution, svc_risk_management, svc_analytics, svc_notification, svc_logging, tradetop_sync,
    tradetop_monitor, tradetop_operator;
REVOKE INSERT ON execution.archived_trades, analytics.archived_sync_ledger, analytics.book_closings,
    analytics.opening_balances FROM PUBLIC, tradetop_services, trading_app, svc_data_ingestion, svc_strategy_engine,
    svc_execution, svc_risk_management, svc_analytics, svc_notification, svc_logging, tradetop_sync, tradetop_monitor;
GRANT UPDATE (market_value, unrealized_pnl, last_price, last_price_at) ON execution.positions TO tradetop_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON analytics.portfolio_summary, analytics.performance_metrics,
    analytics.sync_ledger, analytics.sync_pairs, analytics.sync_restatements, analytics.sync_quarantine,
    analytics.sync_marks TO tradetop_operator;
GRANT USAGE ON SEQUENCE analytics.portfolio_summary_id_seq, analytics.performance_metrics_id_seq,
    analytics.sync_restatements_id_seq, analytics.sync_quarantine_id_seq TO tradetop_operator;
GRANT SELECT, INSERT, DELETE ON logging.archived_system_logs TO tradetop_operator;
GRANT INSERT, DELETE, UPDATE ON logging.system_logs TO tradetop_operator;
GRANT USAGE ON SEQUENCE logging.system_logs_id_seq TO tradetop_operator;
GRANT DELETE ON logging.performance_logs, notification.notification_logs, data_ingestion.data_quality_logs
    TO tradetop_operator;
GRANT UPDATE (acknowledged_at, acknowledged_by, resolved_at, updated_at, version) ON risk_management.risk_events
    TO tradetop_operator;
GRANT INSERT (limit_type, account_id, strategy, symbol, limit_value, warn_fraction, enabled, updated_by),
    UPDATE (limit_value, warn_fraction, enabled, updated_by, updated_at, version) ON risk_management.risk_limits
    TO tradetop_operator;
GRANT USAGE ON SEQUENCE risk_management.risk_limits_id_seq TO tradetop_operator;
-- It halts and resumes strategies, and changes nothing else of them.
GRANT UPDATE (status, updated_at, version) ON strategy_engine.strategies TO tradetop_operator;
GRANT UPDATE (resolved_at, resolved_by) ON data_ingestion.data_quality_logs TO tradetop_operator;
GRANT INSERT (account_id, strategy, symbol, max_quantity, max_value, warn_fraction, enabled, updated_by),
    UPDATE (max_quantity, max_value, warn_fraction, enabled, updated_by, updated_at, version) ON risk_management.position_limits
    TO tradetop_operator;
GRANT USAGE ON SEQUENCE risk_management.position_limits_id_seq TO tradetop_operator;
GRANT INSERT (key, value, description, updated_by), UPDATE (value, description, updated_by, updated_at, version)
    ON shared.system_config TO tradetop_operator;
GRANT USAGE ON SEQUENCE shared.system_config_id_seq TO tradetop_operator;
GRANT INSERT, UPDATE, DELETE ON shared.alert_marks, shared.maintenance_runs TO tradetop_operator;

-- The lives of alerts are kept by all that watch them and may write: consoles of operators, and services.
GRANT SELECT, INSERT, UPDATE ON shared.alert_lives TO tradetop_operator, tradetop_sync, svc_notification;
GRANT DELETE ON shared.alert_lives TO tradetop_operator;
GRANT USAGE ON SEQUENCE shared.alert_lives_id_seq TO tradetop_operator, tradetop_sync, svc_notification;

-- What PostgreSQL keeps for superusers: to have the configuration read again, which whoever may write its files decides, and to
-- set the statistics of statements back.
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid, p.oid::regprocedure::text AS name, pg_has_role(p.proowner, 'USAGE') AS ours FROM pg_proc AS p
        WHERE p.oid = 'pg_catalog.pg_reload_conf()'::regprocedure
            OR p.proname = 'pg_stat_statements_reset' AND EXISTS (SELECT FROM pg_depend AS d
                JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
                WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND e.extname = 'pg_stat_statements')
            ORDER BY 2 LOOP
        IF NOT has_function_privilege('tradetop_operator', f.oid, 'EXECUTE') THEN
            CALL pg_temp.try(format('GRANT EXECUTE ON FUNCTION %s TO tradetop_operator', f.name), f.ours);
        END IF;
    END LOOP;
END $$;

-- VACUUM and ANALYZE by the operator, future months included. Below PostgreSQL 17 see step 1.
DO $$
DECLARE
    s text;
    t regclass;
BEGIN
    IF current_setting('server_version_num')::int < 170000 THEN
        RETURN;
    END IF;
    FOREACH s IN ARRAY '{data_ingestion,strategy_engine,execution,risk_management,analytics,notification,logging,'
            'shared}'::text[] LOOP
        FOR t IN SELECT oid FROM pg_class WHERE relnamespace = s::regnamespace AND relkind IN ('r', 'p')
                AND NOT has_table_privilege('tradetop_operator', oid, 'MAINTAIN') LOOP
            EXECUTE format('GRANT MAINTAIN ON TABLE %s TO tradetop_operator', t);
        END LOOP;
        CALL pg_temp.try(format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT MAINTAIN ON TABLES TO tradetop_operator',
            CASE s WHEN 'shared' THEN 'tradetop_keeper' ELSE 'tradetop_owner' END, s));
    END LOOP;
END $$;

-- @section tables
-- Last month, the current one and six ahead.
DO $$
BEGIN
    PERFORM shared.create_monthly_partition('data_ingestion.market_data',
        (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '1 month')::date);
    PERFORM shared.ensure_partitions_ahead(6);
END $$;

-- @section always
SELECT kind AS what, object,
    CASE WHEN bool_and(before.definition IS NOT DISTINCT FROM now.definition) THEN 'already there'
        WHEN bool_and(before.definition IS NULL) THEN 'created'
        ELSE 'changed: ' || string_agg(COALESCE(NULLIF(part, ''), 'definition'), ', ' ORDER BY part)
            FILTER (WHERE before.definition IS DISTINCT FROM now.definition) END AS result
FROM shared.inventory() AS now FULL JOIN pg_temp.before USING (kind, object, part)
-- The steps that create schemas and indexes report them.
WHERE kind NOT IN ('index', 'schema') AND object <> 'shared.inventory()'
GROUP BY 1, 2
UNION ALL
SELECT 'right', 'to what follows', 'missing right, run as a superuser: ' || lacked FROM pg_temp.lacked() AS lacked
ORDER BY 1, 2;
COMMIT;
