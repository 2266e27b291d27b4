-- The server's sessions and background processes, and its prepared transactions: who waits for whom, and who holds what
-- back. Blockers and waiters first, then by the age of their transactions; at most 1,000, and `total` counts them all.
-- No parameters. Rights: pg_read_all_stats; without it a row whose `hidden` is true may do anything.
WITH activity AS MATERIALIZED (
    SELECT *, coalesce(wait_event_type = 'Lock', false) AS waits
      FROM pg_catalog.pg_stat_activity
     WHERE pid <> pg_backend_pid()
), waiting AS MATERIALIZED (
    -- Each call stops the lock manager for a moment: only for sessions that wait, and for 200 of them at most.
    SELECT pid, pg_blocking_pids(pid) AS by
      FROM (SELECT pid FROM activity WHERE waits ORDER BY query_start, pid LIMIT 200) AS oldest
), since AS (
    SELECT pid, min(waitstart) AS at
      FROM pg_catalog.pg_locks
     WHERE NOT granted AND EXISTS (SELECT FROM waiting)
     GROUP BY pid
), backends AS (
    SELECT a.pid, NULL::text AS gid, a.backend_start, a.backend_type, a.usename, a.application_name, a.datname,
           coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local' END) AS client, a.state, a.waits,
           a.wait_event_type || coalesce(':' || a.wait_event, '') AS wait, a.query_start, a.xact_start, a.state_change,
           s.at AS waiting_since, w.by,
           greatest(age(a.backend_xid), age(a.backend_xmin)) AS xmin_age,
           a.query, a.query_id::text AS query_id, CASE WHEN a.state = 'idle' THEN 250 ELSE 4000 END AS bytes,
           a.backend_type IS NULL AS hidden
      FROM activity AS a
      LEFT JOIN waiting AS w USING (pid)
      LEFT JOIN since AS s USING (pid)
     UNION ALL
    SELECT p.transaction::text::bigint, p.gid, NULL, 'prepared transaction', p.owner, NULL, p.database,
           NULL, 'prepared', false, NULL, NULL, p.prepared, p.prepared,
           NULL, NULL,
           age(p.transaction), NULL, NULL, 0, false
      FROM pg_catalog.pg_prepared_xacts AS p
)
SELECT pid::float8, gid, backend_start, coalesce(backend_type, '') AS kind, usename::text AS role,
       application_name AS application, datname::text AS database, client, state, wait,
       query_start, xact_start, state_change, waiting_since, xmin_age,
       -- Of many blockers those that do not wait themselves: they lead to all others.
       (SELECT string_agg(pid::text, ',')
          FROM (SELECT pid FROM unnest(by) AS pid
                 WHERE pid <> 0
                 ORDER BY pid IN (SELECT a.pid FROM activity AS a WHERE a.waits) LIMIT 20) AS few) AS blocked_by,
       -- pg_blocking_pids gives 0 for a prepared transaction; each holds the lock of its own id.
       CASE WHEN 0 = ANY (by) THEN
         (SELECT string_agg(DISTINCT own.transactionid::text, ',')
            FROM pg_catalog.pg_locks AS w
            JOIN pg_catalog.pg_locks AS h
              ON h.granted AND h.pid IS NULL AND h.locktype = w.locktype
             AND (h.database, h.relation, h.page, h.tuple, h.transactionid, h.classid, h.objid, h.objsubid)
                 IS NOT DISTINCT FROM
                 (w.database, w.relation, w.page, w.tuple, w.transactionid, w.classid, w.objid, w.objsubid)
            JOIN pg_catalog.pg_locks AS own
              ON own.pid IS NULL AND own.locktype = 'transactionid' AND own.virtualtransaction = h.virtualtransaction
           WHERE w.pid = backends.pid AND NOT w.granted) END AS blocked_by_prepared,
       -- Cut by bytes: another database’s encoding may not be this one’s, and text functions refuse such bytes.
       CASE WHEN octet_length(query) <= bytes THEN query END AS query,
       CASE WHEN octet_length(query) > bytes
            THEN encode(substring(textsend(query) FROM 1 FOR bytes), 'hex') END AS query_hex,
       query_id, hidden, count(*) OVER ()::integer AS total, now() AS clock, quote_ident(current_user) AS reader
  FROM backends
 ORDER BY NOT waits AND pid NOT IN (SELECT unnest(by) FROM waiting), xact_start NULLS LAST, backend_start, pid
 LIMIT 1000;
