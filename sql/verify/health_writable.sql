-- The database takes the desk’s writes.
-- order: 5
-- severity: fail
-- every: minute
-- why: New sessions of the services can write nothing while default_transaction_read_only is on for them.
-- remedy: If nobody means it so, run the statements under “reset”; sessions that are open keep what they have
-- rights: none
--
-- Settings of the database, of all roles and of the roles that write; that of tradetop_monitor is meant. What this session's
-- reset value has from nowhere else is the server's own.
WITH settings AS (
    SELECT r.rolname, d.datname, s.setrole, s.setdatabase
    FROM pg_db_role_setting AS s
    CROSS JOIN unnest(s.setconfig) AS entry
    LEFT JOIN pg_roles AS r ON r.oid = s.setrole
    LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
    WHERE lower(entry) ~ '^default_transaction_read_only=(t|tr|tru|true|y|ye|yes|on|1)$'
      AND (s.setdatabase = 0 OR d.datname = current_database())
), found AS (
    SELECT CASE WHEN setrole <> 0     THEN format('role %I', rolname) || coalesce(' in database ' || quote_ident(datname), '')
                WHEN setdatabase <> 0 THEN format('database %I', datname)
                ELSE 'every role' END AS object,
           'SET default_transaction_read_only = off; ALTER '
           || CASE WHEN setrole <> 0     THEN format('ROLE %I', rolname) || coalesce(' IN DATABASE ' || quote_ident(datname), '')
                   WHEN setdatabase <> 0 THEN format('DATABASE %I', datname)
                   ELSE 'ROLE ALL' END || ' RESET default_transaction_read_only;' AS reset
    FROM settings
    WHERE setrole = 0 OR rolname ~ '^svc_' OR rolname IN ('trading_app', 'tradetop_sync', 'tradetop_operator')
    UNION ALL
    SELECT 'the server', 'ALTER SYSTEM SET default_transaction_read_only = off; SELECT pg_reload_conf();'
    FROM pg_settings AS s
    WHERE s.name = 'default_transaction_read_only' AND s.reset_val = 'on' AND s.source <> 'client'
      AND NOT EXISTS (SELECT FROM settings WHERE setrole = 0 OR rolname = session_user)
)
SELECT object, 'default_transaction_read_only is on: nothing can be written' AS problem, reset
FROM found
ORDER BY object;
