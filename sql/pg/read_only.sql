-- Why this session's transactions take no writes, in words, and what lets new sessions write; no row: they take them.
-- Each statement of `remedy` may be run in a session that is read-only itself.
-- That tradetop_monitor's own transactions are read-only is meant: it has no right to write either.
-- No parameters. Rights: none.
SELECT CASE WHEN pg_is_in_recovery() THEN 'the server is in recovery'
            ELSE 'default_transaction_read_only is on ' || CASE s.source
                     WHEN 'database'           THEN format('for database %I', current_database())
                     WHEN 'user'               THEN format('for role %I', session_user)
                     WHEN 'database user'      THEN format('for role %I in database %I', session_user, current_database())
                     WHEN 'global'             THEN 'for all roles'
                     WHEN 'configuration file' THEN 'in the server''s configuration'
                     WHEN 'command line'       THEN 'on the server''s command line'
                     WHEN 'client'             THEN 'by PGOPTIONS'
                     ELSE format('by the %s', s.source) END END AS why,
       CASE WHEN pg_is_in_recovery()   THEN 'connect to the primary'
            WHEN s.source = 'client'   THEN 'take it out of PGOPTIONS'
            WHEN s.source = 'command line' THEN 'start the server without it'
            WHEN s.source = 'configuration file'
                THEN CASE WHEN s.sourcefile LIKE '%postgresql.auto.conf' THEN 'ALTER SYSTEM RESET default_transaction_read_only; '
                          ELSE 'ALTER SYSTEM SET default_transaction_read_only = off; ' END || 'SELECT pg_reload_conf();'
            ELSE 'SET default_transaction_read_only = off; ' || CASE s.source
                     WHEN 'database'      THEN format('ALTER DATABASE %I', current_database())
                     WHEN 'database user' THEN format('ALTER ROLE %I IN DATABASE %I', session_user, current_database())
                     WHEN 'global'        THEN 'ALTER ROLE ALL'
                     ELSE format('ALTER ROLE %I', session_user) END || ' RESET default_transaction_read_only;' END AS remedy
FROM pg_settings AS s
WHERE s.name = 'default_transaction_read_only'
  AND (pg_is_in_recovery() OR s.setting = 'on' AND NOT (session_user = 'tradetop_monitor' AND s.source LIKE '%user'));
