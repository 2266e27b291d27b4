-- Counters of pg_stat_statements without the texts, which cost 20 times as much to read; at most 10,000 entries.
-- Versions 1.9 and 1.10 of the extension (@9: by its version, not by the server’s).
-- :"schema" the extension's schema. Rights: pg_read_all_stats; without it other roles' entries have no queryid.
SELECT userid, dbid, queryid::text AS queryid, toplevel AS toplevel,
       calls::float8 AS calls, total_exec_time AS total_ms, max_exec_time AS max_ms, rows::float8 AS rows,
       shared_blks_hit::float8 AS hit, shared_blks_read::float8 AS read, NULL::text AS since
  FROM :"schema".pg_stat_statements(false)
 ORDER BY total_exec_time DESC
 LIMIT 10000;
