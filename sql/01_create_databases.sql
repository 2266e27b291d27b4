-- tradetop, step 1 of 4: roles, databases, schemas.
--
--   psql -U postgres -h HOST -p PORT -f sql/01_create_databases.sql
--
-- Names come from the environment: TRADING_DB_NAME (trading_system), PREFECT_DB_NAME (prefect) and PREFECT_DB_USER
-- (prefect). May be run again at any time, on a complete or an incomplete server, and by many at the same time: what is
-- correct stays unchanged. No role gets a password here: set them with psql's \password, which sends only a SCRAM verifier,
-- or let `tradetop setup` set them from the environment. Needs a superuser, or a role with CREATEDB and CREATEROLE: what such
-- a role may not do is reported with the statement that a superuser must run, and everything else is done.
--
-- Below PostgreSQL 17 only a table's owner may VACUUM it. There, and only if it is asked for (psql -v operator_may_vacuum=on,
-- tradetop setup --operator-may-vacuum), tradetop_operator may take on the owner's role, and with it may do everything to the
-- tables. Without it an earlier membership is taken back. From 17 on MAINTAIN is granted (step 2), and this changes nothing.
--
-- `tradetop setup` runs this same file. It understands \set (with this one form of default), \if with a variable's being set,
-- \gexec and setup/connect.sql, and uses the lines "-- @section NAME" for its --only; psql ignores them.
\set ON_ERROR_STOP on
\set QUIET on
\set trading_db `printf %s "${TRADING_DB_NAME:-trading_system}"`
\set prefect_db `printf %s "${PREFECT_DB_NAME:-prefect}"`
\set prefect_owner `printf %s "${PREFECT_DB_USER:-prefect}"`
\if :{?operator_may_vacuum}
\else
\set operator_may_vacuum off
\endif
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
SET tradetop.trading_db = :'trading_db';
SET tradetop.prefect_db = :'prefect_db';
SET tradetop.prefect_owner = :'prefect_owner';
SET tradetop.operator_may_vacuum = :'operator_may_vacuum';

-- One set-up at a time. CREATE DATABASE cannot run in a transaction, so the lock belongs to the session: connecting to the
-- trading database ends it. Any login may take such a lock, so that a holder who cannot be a set-up is named, not waited for.
DO $$
DECLARE
    most constant int := current_setting('max_identifier_length')::int;
    n record;
BEGIN
    IF NOT (SELECT rolsuper OR rolcreaterole AND rolcreatedb FROM pg_roles WHERE rolname = current_user) THEN
        RAISE EXCEPTION 'role "%" may not create roles and databases', current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = format('As a superuser: ALTER ROLE %I CREATEDB CREATEROLE;', current_user);
    END IF;
    FOR n IN SELECT * FROM (VALUES ('TRADING_DB_NAME', current_setting('tradetop.trading_db')),
            ('PREFECT_DB_NAME', current_setting('tradetop.prefect_db')),
            ('PREFECT_DB_USER', current_setting('tradetop.prefect_owner'))) AS names (variable, name) LOOP
        IF octet_length(n.name) > most THEN
            RAISE EXCEPTION '% is % bytes long, and a name in PostgreSQL has at most %: "%"', n.variable,
                octet_length(n.name), most, n.name
                USING ERRCODE = 'invalid_name', HINT = format('Set %s to a shorter name.', n.variable);
        ELSIF n.variable <> 'PREFECT_DB_USER' AND EXISTS (SELECT FROM pg_database WHERE datname = n.name AND datistemplate)
                THEN
            RAISE EXCEPTION '% names "%", which is a template of other databases', n.variable, n.name
                USING ERRCODE = 'invalid_name', HINT = format('Set %s to another name.', n.variable);
        END IF;
    END LOOP;
    SET LOCAL lock_timeout = '2s';
    LOOP
        BEGIN
            PERFORM pg_advisory_lock(hashtextextended('tradetop setup', 0));
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            SELECT pid, usename INTO n
            FROM pg_locks JOIN pg_stat_activity USING (pid) JOIN pg_roles ON rolname = usename
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (classid::bigint << 32 | objid::bigint) = hashtextextended('tradetop setup', 0)
                AND NOT (rolsuper OR rolcreaterole AND rolcreatedb);
            IF FOUND THEN
                RAISE EXCEPTION 'the lock of the set-up is held by "%", who cannot set up anything', n.usename
                    USING ERRCODE = 'lock_not_available', HINT = format('SELECT pg_terminate_backend(%s);', n.pid);
            END IF;
        END;
    END LOOP;
END $$;

DROP TABLE IF EXISTS pg_temp.step;
CREATE TEMP TABLE step (n int GENERATED ALWAYS AS IDENTITY, what text, object text, result text);

-- Runs one statement for a step and records the result. A missing right does not stop the set-up: the step's line then has
-- the statement that someone with more rights must run. A step whose `did` is null has a line only then.
CREATE OR REPLACE PROCEDURE pg_temp.step_by(what text, object text, there boolean, statement text,
    did text DEFAULT 'created') LANGUAGE plpgsql AS $$
BEGIN
    IF there THEN
        INSERT INTO pg_temp.step (what, object, result) VALUES (what, object, 'already there');
        RETURN;
    END IF;
    EXECUTE statement;
    IF did IS NOT NULL THEN
        INSERT INTO pg_temp.step (what, object, result) VALUES (what, object, did);
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        INSERT INTO pg_temp.step (what, object, result) VALUES (what, object, 'already there');
    WHEN insufficient_privilege THEN
        INSERT INTO pg_temp.step (what, object, result)
            VALUES (what, object, 'missing right, run as a superuser: ' || statement);
END $$;

-- @section roles
BEGIN;
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN
        SELECT * FROM (VALUES
            ('tradetop_owner', 'NOLOGIN',
                'Owns the services'' schemas and tables of the trading database; nobody logs in as it.'),
            ('tradetop_keeper', 'NOLOGIN',
                'Owns schema shared: the audit log, the configuration, the ledger of migrations.'),
            ('tradetop_services', 'NOLOGIN',
                'What all services may: write logs and audit records, read the configuration.'),
            ('svc_data_ingestion', 'LOGIN', 'Service data_ingestion: reads and writes its own schema.'),
            ('svc_strategy_engine', 'LOGIN',
                'Service strategy_engine: reads and writes its own schema, reads the market and its fills.'),
            ('svc_execution', 'LOGIN', 'Service execution: reads and writes orders, trades and positions.'),
            ('svc_risk_management', 'LOGIN',
                'Service risk_management: reads and writes its own schema, reads the book.'),
            ('svc_analytics', 'LOGIN',
                'Service analytics: reads and writes its own schema, reads the book and the market.'),
            ('svc_notification', 'LOGIN',
                'Service notification: reads and writes its own schema, reads events and logs.'),
            ('svc_logging', 'LOGIN', 'Service logging: reads and writes its own schema.'),
            ('trading_app', 'LOGIN',
                'The application: one account at a time, by row-level security and app.current_account_id.'),
            ('tradetop_sync', 'LOGIN', 'The synchroniser: writes analytics and the marks of positions, reads trades.'),
            ('tradetop_monitor', 'LOGIN', 'Watches: reads tables and statistics, writes nothing.'),
            ('tradetop_operator', 'LOGIN',
                'Watches and maintains: VACUUM, partitions, archives, corrections, cancel; writes the audit log.')
        ) AS roles (name, login, about)
    LOOP
        CALL pg_temp.step_by('role', r.name, to_regrole(r.name) IS NOT NULL,
            format('CREATE ROLE %I %s', r.name, r.login));
        IF to_regrole(r.name) IS NOT NULL
                AND shobj_description(to_regrole(r.name), 'pg_authid') IS DISTINCT FROM r.about THEN
            CALL pg_temp.step_by('comment', r.name, false, format('COMMENT ON ROLE %I IS %L', r.name, r.about), NULL);
        END IF;
    END LOOP;
END $$;

-- Memberships. Where it is asked for, below PostgreSQL 17, the operator may SET ROLE tradetop_owner to VACUUM, through a role
-- that does not inherit, so that the owner's rights are used only by explicit SET ROLE; the audit log has another owner.
DO $$
DECLARE
    asked boolean := current_setting('server_version_num')::int < 170000
        AND current_setting('tradetop.operator_may_vacuum')::boolean;
    r record;
BEGIN
    IF asked THEN
        CALL pg_temp.step_by('role', 'tradetop_vacuum', to_regrole('tradetop_vacuum') IS NOT NULL,
            'CREATE ROLE tradetop_vacuum NOLOGIN NOINHERIT');
    ELSE
        FOR r IN
            SELECT roleid::regrole AS granted, m.member::regrole AS member, CASE
                WHEN current_setting('server_version_num')::int >= 160000 THEN format(' GRANTED BY %s', grantor::regrole)
                ELSE '' END AS granted_by
            FROM pg_auth_members AS m
            WHERE (roleid = to_regrole('tradetop_owner')
                    AND m.member IN (to_regrole('tradetop_vacuum'), to_regrole('tradetop_operator')))
                OR (roleid = to_regrole('tradetop_vacuum') AND m.member = to_regrole('tradetop_operator'))
        LOOP
            CALL pg_temp.step_by('membership', format('%s in %s', r.member, r.granted), false,
                format('REVOKE %s FROM %s%s', r.granted, r.member, r.granted_by), 'taken back');
        END LOOP;
    END IF;
    FOR r IN
        SELECT granted, member, CASE WHEN member = current_user THEN pg_has_role(granted, 'USAGE') ELSE EXISTS (
            SELECT FROM pg_auth_members AS m WHERE m.roleid = to_regrole(granted)
                AND m.member = to_regrole(memberships.member)
        ) END AS there FROM (VALUES
            ('pg_monitor', 'tradetop_monitor', true),
            ('pg_monitor', 'tradetop_operator', true),
            -- What it only reads, tradetop reads with no more power than the monitor's.
            ('tradetop_monitor', 'tradetop_operator', true),
            ('pg_signal_backend', 'tradetop_operator', true),
            ('pg_signal_autovacuum_worker', 'tradetop_operator', true),
            -- Where all connections are taken, it gets in by those of reserved_connections, to end sessions.
            ('pg_use_reserved_connections', 'tradetop_operator', true),
            ('tradetop_owner', 'tradetop_vacuum', asked),
            ('tradetop_vacuum', 'tradetop_operator', asked),
            ('tradetop_services', 'svc_data_ingestion', true),
            ('tradetop_services', 'svc_strategy_engine', true),
            ('tradetop_services', 'svc_execution', true),
            ('tradetop_services', 'svc_risk_management', true),
            ('tradetop_services', 'svc_analytics', true),
            ('tradetop_services', 'svc_notification', true),
            ('tradetop_services', 'svc_logging', true),
            ('tradetop_services', 'tradetop_sync', true),
            ('tradetop_owner', current_user::text, NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)),
            ('tradetop_keeper', current_user::text, NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
        ) AS memberships (granted, member, wanted)
        WHERE wanted AND to_regrole(granted) IS NOT NULL
    LOOP
        CALL pg_temp.step_by('membership', format('%s in %s', r.member, r.granted), r.there,
            format('GRANT %I TO %I', r.granted, r.member));
    END LOOP;
END $$;

-- Settings of roles. The monitor's transactions are read-only (as a second safeguard: it has no right to write either). The
-- services and the application find every table by its unqualified name, as their SQL uses it, their own schema first.
DO $$
DECLARE
    every_schema constant text[] := '{execution,data_ingestion,strategy_engine,risk_management,analytics,notification,'
        'logging,shared,public}';
    r record;
BEGIN
    FOR r IN
        SELECT rolname, setting, value, EXISTS (SELECT FROM pg_db_role_setting WHERE setrole = to_regrole(rolname)
            AND setdatabase = 0 AND setting || '=' || value = ANY (setconfig)) AS there
        FROM (
            SELECT 'tradetop_monitor', 'default_transaction_read_only', 'on'
            UNION ALL
            SELECT name, 'search_path', array_to_string(own || array_remove(every_schema, own), ', ') FROM (VALUES
                ('svc_data_ingestion', 'data_ingestion'), ('svc_strategy_engine', 'strategy_engine'),
                ('svc_execution', 'execution'), ('svc_risk_management', 'risk_management'),
                ('svc_analytics', 'analytics'), ('svc_notification', 'notification'),
                ('svc_logging', 'logging'), ('trading_app', 'execution'),
                ('tradetop_sync', 'analytics')) AS services (name, own)
        ) AS settings (rolname, setting, value)
        WHERE to_regrole(rolname) IS NOT NULL
    LOOP
        CALL pg_temp.step_by('setting', format('%s %s', r.rolname, r.setting), r.there,
            format('ALTER ROLE %I SET %s = %s', r.rolname, r.setting, r.value));
    END LOOP;
END $$;
COMMIT;

-- @section prefect
BEGIN;
DO $$
DECLARE
    owner constant text := current_setting('tradetop.prefect_owner');
BEGIN
    IF current_setting('tradetop.prefect_db') = current_setting('tradetop.trading_db') THEN
        RAISE EXCEPTION 'TRADING_DB_NAME and PREFECT_DB_NAME name the same database "%"', current_setting('tradetop.prefect_db')
            USING ERRCODE = 'invalid_name', HINT = 'Prefect needs a database of its own: set PREFECT_DB_NAME.';
    END IF;
    CALL pg_temp.step_by('role', owner, to_regrole(quote_ident(owner)) IS NOT NULL,
        format('CREATE ROLE %I LOGIN', owner));
    IF to_regrole(quote_ident(owner)) IS NOT NULL AND NOT pg_has_role(to_regrole(quote_ident(owner)), 'USAGE') THEN
        CALL pg_temp.step_by('membership', format('%s in %s', current_user, owner), false,
            format('GRANT %I TO %I', owner, current_user));
    END IF;
END $$;
COMMIT;

-- Prefect creates its own tables; we create only this database and its owner, unless this role may not give it to him.
CREATE OR REPLACE FUNCTION pg_temp.prefect_database() RETURNS TABLE (name text, there boolean, may boolean, statement text)
    LANGUAGE sql AS $$
SELECT prefect_db, EXISTS (SELECT FROM pg_database WHERE datname = prefect_db),
    COALESCE(pg_has_role(to_regrole(quote_ident(owner)), CASE WHEN current_setting('server_version_num')::int >= 160000
        THEN 'SET' ELSE 'MEMBER' END), false),
    format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C''', prefect_db, owner)
FROM current_setting('tradetop.prefect_db') AS prefect_db, current_setting('tradetop.prefect_owner') AS owner
$$;
INSERT INTO pg_temp.step (what, object, result)
SELECT 'database', name, CASE WHEN there THEN 'already there' WHEN may THEN 'created'
    ELSE 'missing right, run as a superuser: ' || statement END
FROM pg_temp.prefect_database();
SELECT statement FROM pg_temp.prefect_database() WHERE may AND NOT there \gexec

-- @section databases
-- Collation C: the same order on every system, and no index that a new libc corrupts.
INSERT INTO pg_temp.step (what, object, result)
SELECT 'database', name, CASE WHEN EXISTS (SELECT FROM pg_database WHERE datname = name) THEN 'already there'
    ELSE 'created' END
FROM current_setting('tradetop.trading_db') AS name;
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C''', name)
FROM current_setting('tradetop.trading_db') AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
DO $$
DECLARE
    d record;
BEGIN
    -- 6: UTF8. 0: SQL_ASCII, which takes every text unread; verification warns of it.
    SELECT datname, pg_encoding_to_char(encoding) AS encoding INTO d FROM pg_database
        WHERE datname = current_setting('tradetop.trading_db') AND encoding NOT IN (0, 6);
    IF FOUND THEN
        RAISE EXCEPTION 'database "%" is encoded in %, and the trading system needs UTF8', d.datname, d.encoding
            USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'Set TRADING_DB_NAME to another name, or create this database anew in UTF8 and restore its data into it.';
    END IF;
END $$;

-- @section always
-- Rights to connect: our roles, and nobody else by default. Only for our databases that exist (--only may skip some).
BEGIN;
-- GRANT and REVOKE without the right to it may only warn, so that they are not even tried on what is not ours.
CREATE OR REPLACE PROCEDURE pg_temp.right_by(ours boolean, object text, there boolean, statement text,
    did text DEFAULT 'created') LANGUAGE plpgsql AS $$
BEGIN
    IF ours OR there THEN
        CALL pg_temp.step_by('right', object, there, statement, did);
    ELSE
        INSERT INTO pg_temp.step (what, object, result)
            VALUES ('right', object, 'missing right, run as a superuser: ' || statement);
    END IF;
END $$;
DO $$
DECLARE
    trading constant text := current_setting('tradetop.trading_db');
    prefect constant text := current_setting('tradetop.prefect_db');
    d record;
    role_name text;
    there boolean;
BEGIN
    FOR d IN
        SELECT datname, dat.oid, datacl, about, roles, pg_has_role(datdba, 'USAGE') AS ours
        FROM pg_database AS dat
        JOIN (VALUES
            (trading, 'Trading system: market data, orders, trades, positions and what is made of them (tradetop).',
             '{tradetop_services,trading_app,tradetop_monitor,tradetop_operator}'::text[]),
            (prefect, 'Prefect: its tables are its own (tradetop).', '{tradetop_monitor,tradetop_operator}'::text[])
        ) AS databases (name, about, roles) ON datname = name
    LOOP
        IF shobj_description(d.oid, 'pg_database') IS NULL THEN
            CALL pg_temp.step_by('comment', d.datname, false,
                format('COMMENT ON DATABASE %I IS %L', d.datname, d.about), NULL);
        END IF;
        -- A NULL ACL is the default, which lets PUBLIC connect; any other was set by someone.
        IF d.datacl IS NULL THEN
            CALL pg_temp.right_by(d.ours, format('nobody else connects to %s', d.datname), false,
                format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', d.datname), NULL);
        END IF;
        FOREACH role_name IN ARRAY d.roles LOOP
            IF to_regrole(role_name) IS NOT NULL THEN
                there := EXISTS (SELECT FROM aclexplode(d.datacl) AS acl
                    WHERE acl.grantee = to_regrole(role_name) AND acl.privilege_type = 'CONNECT');
                CALL pg_temp.right_by(d.ours, format('%s connects to %s', role_name, d.datname), there,
                    format('GRANT CONNECT ON DATABASE %I TO %I', d.datname, role_name));
            END IF;
        END LOOP;
    END LOOP;
END $$;
SELECT what, object, result FROM pg_temp.step ORDER BY n;
COMMIT;

-- @section databases
\ir setup/connect.sql
SET client_min_messages = warning;
SET search_path = pg_catalog, pg_temp;
BEGIN;
DO $$
BEGIN
    IF NOT has_database_privilege(current_database(), 'CREATE')
            OR NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
        RAISE EXCEPTION 'database "%" is not one of role "%"', current_database(), current_user
            USING ERRCODE = 'insufficient_privilege', HINT = format('As a superuser: GRANT CREATE, TEMPORARY ON DATABASE %I '
                'TO %I; GRANT tradetop_owner, tradetop_keeper TO %2$I;', current_database(), current_user);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('tradetop setup', 0));
END $$;
SET LOCAL lock_timeout = '5s';
DROP TABLE IF EXISTS pg_temp.step;
CREATE TEMP TABLE step (n int GENERATED ALWAYS AS IDENTITY, what text, object text, result text) ON COMMIT DROP;
CREATE OR REPLACE PROCEDURE pg_temp.change(what text, object text, statement text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
EXCEPTION WHEN insufficient_privilege THEN
    INSERT INTO pg_temp.step (what, object, result)
        VALUES (what, object, 'missing right, run as a superuser: ' || statement);
END $$;
DO $$
DECLARE
    s record;
    owner_there boolean := to_regrole('tradetop_owner') IS NOT NULL AND to_regrole('tradetop_keeper') IS NOT NULL;
    public_ours boolean := (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public');
BEGIN
    -- Before PostgreSQL 15 everybody may create objects in public, and so shadow what others use by its unqualified name.
    IF EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) AS acl
               WHERE nspname = 'public' AND acl.grantee = 0 AND acl.privilege_type = 'CREATE') THEN
        IF public_ours THEN
            REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        ELSE
            INSERT INTO pg_temp.step (what, object, result) VALUES ('right', 'nobody creates in public',
                'missing right, run as a superuser: REVOKE CREATE ON SCHEMA public FROM PUBLIC');
        END IF;
    END IF;
    FOR s IN
        SELECT * FROM (VALUES
            ('data_ingestion', 'tradetop_owner', 'Market data and what is known of its quality.'),
            ('strategy_engine', 'tradetop_owner', 'Strategies, their signals and their results.'),
            ('execution', 'tradetop_owner', 'Orders, trades and positions; the enum types they use.'),
            ('risk_management', 'tradetop_owner', 'Limits, and the events of nearing or breaking them.'),
            ('analytics', 'tradetop_owner', 'What the synchroniser makes of the events: portfolio and performance.'),
            ('notification', 'tradetop_owner', 'Where alerts go, and which went.'),
            ('logging', 'tradetop_owner', 'Logs and performance figures of all services, and the archive.'),
            ('shared', 'tradetop_keeper', 'Audit log, configuration, ledger of migrations, functions for all.')
        ) AS schemas (name, owner, about)
    LOOP
        INSERT INTO pg_temp.step (what, object, result)
            VALUES ('schema', s.name, CASE WHEN to_regnamespace(s.name) IS NULL THEN 'created'
                ELSE 'already there' END);
        IF to_regnamespace(s.name) IS NULL THEN
            EXECUTE format('CREATE SCHEMA %I', s.name);
        END IF;
        IF owner_there AND (SELECT nspowner FROM pg_namespace WHERE nspname = s.name) <> to_regrole(s.owner) THEN
            CALL pg_temp.change('owner', 'schema ' || s.name, format('ALTER SCHEMA %I OWNER TO %I', s.name, s.owner));
        END IF;
        IF obj_description(to_regnamespace(s.name), 'pg_namespace') IS DISTINCT FROM s.about THEN
            CALL pg_temp.change('comment', 'schema ' || s.name, format('COMMENT ON SCHEMA %I IS %L', s.name, s.about));
        END IF;
    END LOOP;
END $$;
SELECT what, object, result FROM pg_temp.step ORDER BY n;
COMMIT;
