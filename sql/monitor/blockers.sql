-- The sessions at the root of those that wait for a lock: each blocks others and waits for none. The longest wait first.
-- No parameters. Rights: pg_read_all_stats; without it other roles' waits are hidden. pid 0 is a prepared transaction.
-- While nobody waits it looks at pg_stat_activity only. Each pg_blocking_pids stops the lock manager for a moment: at most
-- fifty waits are looked into.
WITH RECURSIVE waiting AS MATERIALIZED (
    SELECT pid FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock'
), waits AS MATERIALIZED (
    SELECT l.pid, greatest(0, extract(epoch FROM now() - min(l.waitstart)))::float8 AS seconds
      FROM pg_catalog.pg_locks AS l
     WHERE (SELECT count(*) FROM waiting) > 0
       AND NOT l.granted
       AND l.pid IN (SELECT pid FROM waiting)
     GROUP BY l.pid
     ORDER BY min(l.waitstart), l.pid
     LIMIT 50
), edges AS MATERIALIZED (
    SELECT w.pid, w.seconds, b.blocker
      FROM waits AS w
     CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids(w.pid)) AS blocker) AS b
), trees AS (
    SELECT blocker AS root, pid, seconds FROM edges WHERE blocker NOT IN (SELECT pid FROM edges)
    UNION
    SELECT t.root, e.pid, e.seconds FROM trees AS t JOIN edges AS e ON e.blocker = t.pid
), roots AS (
    SELECT root, count(DISTINCT pid)::integer AS blocks, max(seconds) AS seconds,
           (array_agg(DISTINCT pid))[:50] AS victims
      FROM trees
     GROUP BY root
)
SELECT r.root                                                     AS pid,
       a.backend_start,
       coalesce(a.usename, a.backend_type)::text                  AS role,
       coalesce(a.application_name, '')                           AS application,
       coalesce(a.state, '')                                      AS state,
       greatest(0, extract(epoch FROM now() - CASE WHEN a.state LIKE 'idle in transaction%' THEN a.state_change
                                                   ELSE a.query_start END))::float8 AS state_seconds,
       -- Cut by bytes: another database's encoding may not be this one's, and text functions refuse such bytes.
       CASE WHEN octet_length(a.query) <= 300 THEN a.query END    AS query,
       CASE WHEN octet_length(a.query) > 300
            THEN encode(substring(textsend(a.query) FROM 1 FOR 300), 'hex') END AS query_hex,
       r.blocks,
       r.seconds,
       array_to_string(r.victims, ',')                            AS victims
  FROM roots AS r
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = r.root
 ORDER BY r.seconds DESC, r.root
 LIMIT 20;
