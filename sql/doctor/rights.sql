-- The rights of this role. A right that only actions need is a warning when missing: a monitor works without it.
-- Rights: none. Tables are looked up by oid, since a name in a schema without USAGE is an error.
WITH known AS (
    SELECT c.oid, c.relkind, c.relowner, n.nspname || '.' || c.relname AS name, n.nspname,
           has_schema_privilege(n.oid, 'USAGE') AS open
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
), me AS (
    SELECT coalesce(pg_has_role(to_regrole('tradetop_operator'), 'MEMBER'), false) AS operator,
           CASE WHEN to_regrole('tradetop_operator') IS NULL THEN 'tradetop setup'
                WHEN current_user = 'tradetop_monitor' THEN 'connect as tradetop_operator'
                ELSE format('GRANT tradetop_operator TO %I;', current_user) END AS as_operator,
           CASE WHEN to_regrole('tradetop_monitor') IS NULL THEN 'tradetop setup'
                ELSE format('GRANT tradetop_monitor TO %I;', current_user) END AS as_monitor
), hidden AS (
    SELECT string_agg(name, ', ' ORDER BY name) AS names
    FROM known
    WHERE name IN ('execution.orders', 'execution.trades', 'execution.positions', 'data_ingestion.market_data',
                   'logging.system_logs', 'risk_management.risk_events', 'shared.audit_log')
      AND NOT (open AND has_table_privilege(oid, 'SELECT'))
), kept AS (
    SELECT k.oid::regclass AS rel, pg_get_userbyid(k.relowner) AS owner,
           k.open AND (pg_has_role(d.datdba, 'USAGE') OR CASE
               WHEN current_setting('server_version_num')::integer >= 170000 THEN has_table_privilege(k.oid, 'MAINTAIN')
               WHEN current_setting('server_version_num')::integer >= 160000 THEN pg_has_role(k.relowner, 'SET')
               ELSE pg_has_role(k.relowner, 'MEMBER') END) AS mine
    FROM known AS k
    JOIN pg_database AS d ON d.datname = current_database()
    -- Below 17 only its keeper maintains the schema shared: who may VACUUM the audit log there may also change it.
    WHERE k.relkind = 'r'
      AND NOT (current_setting('server_version_num')::integer < 170000
               AND pg_get_userbyid(k.relowner) = 'tradetop_keeper')
), upkeep AS (
    SELECT count(*) AS total,
           count(*) FILTER (WHERE mine) AS mine,
           min(format('%s of %I', rel, owner)) FILTER (WHERE NOT mine) AS example,
           CASE WHEN current_setting('server_version_num')::integer >= 170000
                    THEN format('GRANT MAINTAIN ON %s TO tradetop_operator;', min(rel::text) FILTER (WHERE NOT mine))
                WHEN bool_or(owner = 'tradetop_owner') FILTER (WHERE NOT mine)
                    THEN 'tradetop setup --operator-may-vacuum'
                ELSE format('ALTER TABLE %s OWNER TO tradetop_owner;', min(rel::text) FILTER (WHERE NOT mine)) END AS first
    FROM kept
), audit AS (
    SELECT open AND has_any_column_privilege(oid, 'INSERT') AS may FROM known WHERE name = 'shared.audit_log'
)
SELECT 'right_statistics' AS id, 'connection health, slow queries' AS feature,
       CASE WHEN may THEN 'ok' ELSE 'missing' END AS status,
       CASE WHEN may THEN format('%I sees the statistics of every session', current_user)
            ELSE format('%I does not see what other sessions do', current_user) END AS text,
       CASE WHEN NOT may THEN format('GRANT pg_monitor TO %I;', current_user) END AS remedy
FROM (SELECT pg_has_role('pg_read_all_stats', 'USAGE') AND pg_has_role('pg_read_all_settings', 'USAGE')) AS r (may)
UNION ALL
SELECT 'right_desk', 'trades, positions', CASE WHEN names IS NULL THEN 'ok' ELSE 'missing' END,
       coalesce(format('%I may not read ', current_user) || names, format('%I reads the desk''s tables', current_user)),
       CASE WHEN names IS NOT NULL THEN as_monitor END
FROM hidden, me
UNION ALL
SELECT 'right_signal', 'cancel, terminate', CASE WHEN may THEN 'ok' ELSE 'warn' END,
       format('%I may cancel and terminate %s', current_user,
              CASE WHEN may THEN 'other sessions' ELSE 'only its own sessions' END),
       CASE WHEN NOT may THEN as_operator END
FROM (SELECT pg_has_role('pg_signal_backend', 'USAGE')) AS r (may), me
UNION ALL
SELECT 'right_maintain', 'maintenance', CASE WHEN mine = total THEN 'ok' ELSE 'warn' END,
       format('%I may maintain %s of %s tables%s', current_user, mine, total, ', not ' || example),
       CASE WHEN mine < total THEN CASE WHEN operator THEN first ELSE as_operator END END
FROM upkeep, me
UNION ALL
SELECT 'right_audit', 'maintenance', CASE WHEN may THEN 'ok' ELSE 'warn' END,
       format('%I may %swrite the audit log%s', current_user, CASE WHEN may THEN '' ELSE 'not ' END,
              CASE WHEN may THEN '' ELSE ': it can maintain nothing' END),
       CASE WHEN NOT may THEN as_operator END
FROM audit, me
UNION ALL
SELECT 'right_power', 'every pane', 'warn',
       format('%I is a superuser: whatever code runs in its sessions has the whole server', current_user),
       'connect as tradetop_monitor, or as tradetop_operator to maintain; as a superuser run only: tradetop setup'
FROM pg_roles
WHERE rolname = current_user AND rolsuper;
