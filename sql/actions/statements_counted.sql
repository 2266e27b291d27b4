-- Since when statements are counted, and how many are. Identifiers: schema, where the extension is. Rights: none.
SELECT (SELECT count(*) FROM :"schema".pg_stat_statements(false))::float8 AS statements,
       (SELECT stats_reset::text FROM :"schema".pg_stat_statements_info()) AS since;
