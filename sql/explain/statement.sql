-- The text of an entry of pg_stat_statements, with placeholders for its constants. $1 role, $2 database (oids), $3 queryid.
-- :"schema" the extension's schema. No rows: the entry was evicted. Rights: pg_read_all_stats.
SELECT coalesce(s.query, '') AS query, r.rolname::text AS role, d.datname::text AS database, false AS cut
  FROM :"schema".pg_stat_statements(true) AS s
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.userid
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
 WHERE s.userid = $1::oid AND s.dbid = $2::oid AND s.queryid = $3::bigint
 LIMIT 1;
