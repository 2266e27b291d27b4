-- Sessions in the trading database and in Prefect's, one row a service, each with its longest wait for a lock.
-- A service is a role svc_… or tradetop_sync; other roles serve several programs, which differ in application_name.
-- $1 name of Prefect's database. `untracked` counts the sessions without track_activities, which have no state. Rights: pg_read_all_stats; without it `hidden` counts sessions with a hidden state.
WITH clients AS MATERIALIZED (
    SELECT pid, backend_start, usename::text AS role, datname::text AS database, state, state_change, wait_event_type,
           CASE WHEN usename ~ '^svc_|^tradetop_sync$' THEN '' ELSE coalesce(application_name, '') END AS application,
           application_name AS program, backend_type IS NULL AS hidden
      FROM pg_catalog.pg_stat_activity
     WHERE datname IN (current_database(), $1)
       AND coalesce(backend_type, 'client backend') = 'client backend'
       AND NOT (usename = current_user AND application_name = current_setting('application_name'))
), waits AS (
    SELECT DISTINCT ON (c.role, c.application, c.database)
           c.role, c.application, c.database, c.pid, extract(epoch FROM now() - l.since)::float8 AS seconds
      FROM clients AS c
      JOIN (SELECT pid, min(waitstart) AS since
              FROM pg_catalog.pg_locks
             WHERE NOT granted
             GROUP BY pid) AS l USING (pid)
     WHERE c.wait_event_type = 'Lock'
     ORDER BY c.role, c.application, c.database, l.since
), idlers AS (
    SELECT DISTINCT ON (role, application, database)
           role, application, database, pid, backend_start, extract(epoch FROM now() - state_change)::float8 AS seconds
      FROM clients
     WHERE state LIKE 'idle in transaction%'
     ORDER BY role, application, database, state_change
), alike AS (
    SELECT DISTINCT ON (role, application, database) role, application, database, program, count(*)::integer AS sessions
      FROM clients
     WHERE state = 'idle'
     GROUP BY role, application, database, program
     ORDER BY role, application, database, count(*) DESC, program
), services AS (
    SELECT role, application, database,
           count(*)::integer                                                            AS sessions,
           count(*) FILTER (WHERE state IN ('active', 'fastpath function call'))::integer AS active,
           count(*) FILTER (WHERE state = 'idle')::integer                              AS idle,
           count(*) FILTER (WHERE state LIKE 'idle in transaction%')::integer           AS idle_in_transaction,
           count(*) FILTER (WHERE wait_event_type = 'Lock')::integer                    AS waiting,
           count(*) FILTER (WHERE state = 'disabled')::integer                          AS untracked,
           count(*) FILTER (WHERE hidden)::integer                                      AS hidden
      FROM clients
     GROUP BY role, application, database
     ORDER BY count(*) FILTER (WHERE wait_event_type = 'Lock') DESC, count(*) DESC, role, application, database
     LIMIT 100
)
SELECT s.*,
       most.program                           AS idle_application,
       coalesce(most.sessions, 0)             AS idle_alike,
       i.pid                                  AS idle_in_transaction_pid,
       i.backend_start                        AS idle_in_transaction_start,
       greatest(i.seconds, 0)                 AS idle_in_transaction_seconds,
       greatest(w.seconds, 0)                 AS blocked_seconds,
       holder.pid                             AS blocked_by,
       coalesce(a.usename, a.backend_type)::text AS holder_role,
       CASE WHEN a.usename ~ '^svc_|^tradetop_sync$' THEN '' ELSE coalesce(a.application_name, '') END AS holder_application,
       quote_ident(current_user)              AS reader
  FROM services AS s
  LEFT JOIN alike AS most USING (role, application, database)
  LEFT JOIN idlers AS i USING (role, application, database)
  LEFT JOIN waits AS w USING (role, application, database)
  -- One call a service, for the session that waits longest: each call stops the lock manager for a moment.
  LEFT JOIN LATERAL (SELECT (pg_blocking_pids(w.pid))[1] AS pid WHERE w.pid IS NOT NULL) AS holder ON true
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = holder.pid
 ORDER BY s.database, s.role, s.application;
