-- Counters of pg_stat_statements without the texts, which cost 20 times as much to read; at most 10,000 entries.
-- Version 1.8 of the extension: a server keeps it after pg_upgrade until ALTER EXTENSION … UPDATE.
-- :"schema" the extension's schema. Rights: pg_read_all_stats; without it other roles' entries have no queryid.
SELECT userid, dbid, queryid::text AS queryid, true AS toplevel,
       calls::float8 AS calls, total_exec_time AS total_ms, max_exec_time AS max_ms, rows::float8 AS rows,
       shared_blks_hit::float8 AS hit, shared_blks_read::float8 AS read, NULL::text AS since
  FROM :"schema".pg_stat_statements(false)
 ORDER BY total_exec_time DESC
 LIMIT 10000;
