-- Where pg_stat_statements is, since when it counts, and whether this role may reset it. No row: it is not installed.
-- Rights: none.
SELECT n.nspname::text       AS schema,
       (SELECT count(*) FROM pg_proc AS p
         WHERE p.pronamespace = n.oid AND p.proname = 'pg_stat_statements_reset'
           AND NOT has_function_privilege(p.oid, 'EXECUTE')) = 0 AS may,
       (SELECT format('%I.pg_stat_statements_reset(%s)', n.nspname, pg_get_function_identity_arguments(p.oid))
          FROM pg_proc AS p WHERE p.pronamespace = n.oid AND p.proname = 'pg_stat_statements_reset' LIMIT 1) AS reset,
       quote_ident(current_user) AS me
  FROM pg_extension AS e
  JOIN pg_namespace AS n ON n.oid = e.extnamespace
 WHERE e.extname = 'pg_stat_statements';
