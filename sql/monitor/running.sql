-- Queries that have run longer than a threshold, the longest first, with the sessions whose locks they wait for.
-- $1 threshold in milliseconds. Rights: pg_read_all_stats; without it a row whose `hidden` is true may run anything.
-- Leaves out background processes and the console's own readings. `untracked` counts the sessions without
-- track_activities, of which PostgreSQL keeps no query: their rows, of state `disabled`, come last.
WITH long AS MATERIALIZED (
    SELECT pid, backend_start, usename::text AS role,
           CASE WHEN usename ~ '^svc_|^tradetop_sync$' THEN '' ELSE coalesce(application_name, '') END AS application,
           datname::text AS database, state, wait_event_type, wait_event,
           greatest(0, extract(epoch FROM now() - query_start))::float8 AS seconds,
           query,
           backend_type IS NULL AS hidden,
           (count(*) FILTER (WHERE state = 'disabled') OVER ())::integer AS untracked
      FROM pg_catalog.pg_stat_activity
     WHERE pid <> pg_backend_pid()
       AND usesysid IS NOT NULL
       AND (backend_type IS NULL
            OR backend_type = 'client backend'
               AND (state = 'disabled'
                    OR state IN ('active', 'fastpath function call')
                       AND query_start < now() - $1::float8 * interval '1 millisecond'
                       AND query NOT LIKE '/* tradetop:monitor/%'))
     ORDER BY backend_type IS NOT NULL, query_start, pid
     LIMIT 100
)
SELECT pid, backend_start, role, application, database, state,
       wait_event_type || coalesce(':' || wait_event, '') AS wait,
       seconds, hidden, untracked,
       -- Cut by bytes: another database’s encoding may not be this one’s, and text functions refuse such bytes.
       CASE WHEN octet_length(query) <= 4000 THEN query END AS query,
       CASE WHEN octet_length(query) > 4000
            THEN encode(substring(textsend(query) FROM 1 FOR 4000), 'hex') END AS query_hex,
       -- Each call stops the lock manager for a moment: only for sessions that wait, and for ten of them at most.
       CASE WHEN wait_event_type = 'Lock'
             AND row_number() OVER (PARTITION BY wait_event_type = 'Lock' ORDER BY seconds DESC) <= 10
            THEN array_to_string(pg_blocking_pids(pid), ',') END AS blocked_by,
       quote_ident(current_user) AS reader
  FROM long
 ORDER BY seconds DESC NULLS LAST, pid;
