-- Sessions by process id, as a dialog shows them before it signals them: who each is, what it does and what it holds.
-- $1: process ids; $2: the times at which they began, where null is any. A row for each id: `pid` is null where no session
-- has it, `same` false where another one has it by now. `right`: '' where this role may signal it, else what it lacks:
-- 'superuser', 'autovacuum' or 'signal'. `database` only where it is another than ours.
-- Rights: pg_read_all_stats to see other roles' sessions.
WITH wanted AS (
    SELECT * FROM unnest($1::integer[], $2::timestamptz[]) WITH ORDINALITY AS w (pid, backend_start, place)
), me AS (
    SELECT rolsuper,
           pg_has_role('pg_signal_backend', 'USAGE')                                            AS signals,
           coalesce(pg_has_role(to_regrole('pg_signal_autovacuum_worker'), 'USAGE'), false)     AS autovacuum
      FROM pg_roles
     WHERE rolname = current_user
), locks AS (
    -- What readers hold stops nobody but DDL: it is left out.
    SELECT l.pid, l.mode, l.relation, l.database,
           row_number() OVER (PARTITION BY l.pid ORDER BY array_position(
               '{AccessExclusiveLock,ExclusiveLock,ShareRowExclusiveLock,ShareLock,ShareUpdateExclusiveLock,RowExclusiveLock,RowShareLock}'::text[],
               l.mode), l.relation) AS n,
           count(*) OVER (PARTITION BY l.pid) AS of
      FROM pg_locks AS l
      LEFT JOIN pg_class AS c ON c.oid = l.relation
     WHERE l.granted AND l.locktype = 'relation' AND l.mode <> 'AccessShareLock' AND l.pid = ANY ($1::integer[])
       AND c.relkind IS DISTINCT FROM 'i'
), held AS (
    SELECT l.pid,
           string_agg(
               replace(l.mode, 'Lock', '') || ' on ' ||
               CASE WHEN l.database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                    THEN coalesce(l.relation::regclass::text, 'a table') ELSE 'a table of another database' END,
               ', ' ORDER BY l.n)  AS locks,
           max(l.of)::integer      AS of
      FROM locks AS l
     WHERE l.n <= 3
     GROUP BY l.pid
)
SELECT w.pid                                                               AS wanted,
       a.pid,
       w.backend_start IS NULL OR a.backend_start = w.backend_start        AS same,
       a.backend_start::text                                               AS backend_start,
       a.query_start::text                                                 AS query_start,
       coalesce(a.backend_type, '')                                        AS kind,
       a.leader_pid,
       a.usename::text                                                     AS username,
       coalesce(a.application_name, '')                                    AS application,
       coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local' END) AS client,
       CASE WHEN a.datname <> current_database() THEN a.datname::text END  AS database,
       coalesce(a.state, '')                                               AS state,
       extract(epoch FROM now() - a.state_change)::float8                  AS state_seconds,
       extract(epoch FROM now() - a.xact_start)::float8                    AS xact_seconds,
       extract(epoch FROM now() - a.backend_start)::float8                 AS session_seconds,
       -- Cut by bytes: another database’s encoding may not be this one’s, and text functions refuse such bytes.
       CASE WHEN octet_length(a.query) <= 300 THEN a.query END             AS query,
       CASE WHEN octet_length(a.query) > 300
            THEN encode(substring(textsend(a.query) FROM 1 FOR 300), 'hex') END AS query_hex,
       held.locks,
       held.of                                                             AS lock_count,
       CASE WHEN me.rolsuper THEN ''
            WHEN a.usesysid IS NULL OR r.rolsuper THEN
              CASE WHEN a.backend_type IS DISTINCT FROM 'autovacuum worker' THEN 'superuser'
                   WHEN me.autovacuum THEN ''
                   ELSE 'autovacuum' END
            WHEN me.signals OR pg_has_role(a.usesysid, 'USAGE') THEN ''
            ELSE 'signal' END                                              AS right,
       quote_ident(current_user)                                           AS me
  FROM wanted AS w
 CROSS JOIN me
  LEFT JOIN pg_stat_activity AS a ON a.pid = w.pid
  LEFT JOIN pg_roles AS r ON r.oid = a.usesysid
  LEFT JOIN held ON held.pid = w.pid
 ORDER BY w.place;
