-- The texts of some statements, with their roles and databases. The server reads its whole file of texts for it: query
-- for new ones only.
-- $1 queryids (bigint[]). :"schema" the extension's schema. Rights: pg_read_all_stats.
-- Version 1.8 of the extension.
SELECT s.userid, s.dbid, s.queryid::text AS queryid, true AS toplevel,
       -- Cut by bytes: another database’s encoding may not be this one’s, and text functions refuse such bytes.
       CASE WHEN octet_length(s.query) <= 4000 THEN s.query END AS query,
       CASE WHEN octet_length(s.query) > 4000
            THEN encode(substring(textsend(s.query) FROM 1 FOR 4000), 'hex') END AS query_hex,
       r.rolname::text AS role, d.datname::text AS database
  FROM :"schema".pg_stat_statements(true) AS s
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.userid
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
 WHERE s.queryid = ANY ($1::bigint[])
 LIMIT 1000;
