-- Lets the transaction find names as a role's own sessions do, and plan without values; says who we are.
-- $1 the role. Rights: none.
SELECT current_database()::text AS database, s.rolsuper AS superuser,
       pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true) AS mode,
       pg_catalog.set_config('search_path', replace(coalesce(
           (SELECT substring(c.entry FROM '^search_path=(.*)$')
              FROM pg_catalog.pg_db_role_setting AS g
              LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = g.setrole
             CROSS JOIN LATERAL unnest(g.setconfig) AS c (entry)
             WHERE c.entry LIKE 'search_path=%'
               AND (g.setrole = 0 OR r.rolname = $1)
               AND (g.setdatabase = 0
                    OR g.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
             ORDER BY g.setrole <> 0 DESC, g.setdatabase <> 0 DESC
             LIMIT 1), '"$user", public'), '"$user"', quote_ident($1)), true) AS path
  FROM pg_catalog.pg_roles AS s
 WHERE s.rolname = session_user;
