-- Whether Prefect has created its tables in its database, in which schema, and whether this role may read them. The schema is
-- found as the console finds it: the first on the role's own search path, else the first by name; NULL: there is none yet.
-- No parameters. In Prefect's database. Rights: none.
WITH path AS (
    -- What the role and the database have set: this session's own search path is ours.
    SELECT replace(btrim(entry.name, ' "'), '$user', session_user) AS name, n
    FROM pg_settings AS s, LATERAL unnest(string_to_array(s.reset_val, ',')) WITH ORDINALITY AS entry (name, n)
    WHERE s.name = 'search_path'
), schemas AS (
    SELECT n.oid, n.nspname, row_number() OVER (ORDER BY p.n NULLS LAST, n.nspname) AS place
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN path AS p ON p.name = n.nspname
    WHERE c.relname = 'flow_run' AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
), state AS (
    SELECT s.nspname AS schema,
           (SELECT string_agg(quote_ident(nspname), ', ' ORDER BY place) FROM schemas) AS every,
           (SELECT count(*) FROM schemas) AS many,
           (SELECT string_agg(format('%I.%I', s.nspname, c.relname), ', ' ORDER BY c.relname)
            FROM pg_class AS c
            WHERE c.relnamespace = s.oid AND c.relname IN ('flow_run', 'flow', 'work_pool') AND c.relkind IN ('r', 'p')
              AND NOT (has_schema_privilege(s.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))) AS hidden
    FROM (SELECT 1) AS one
    LEFT JOIN schemas AS s ON s.place = 1
)
SELECT 'prefect_tables' AS id, 'prefect' AS feature, schema,
       CASE WHEN many = 1 AND hidden IS NULL THEN 'ok' ELSE 'warn' END AS status,
       CASE WHEN many = 0          THEN format('database %I is not initialised by Prefect yet', current_database())
            WHEN hidden IS NOT NULL THEN format('%I may not read %s', current_user, hidden)
            WHEN many > 1          THEN format('database %I has Prefect''s tables in more than one schema: %s; the first is read',
                                               current_database(), every)
            ELSE format('database %I has Prefect''s tables in schema %I', current_database(), schema) END AS text,
       CASE WHEN many = 0          THEN 'prefect server database upgrade -y'
            WHEN hidden IS NOT NULL THEN format('GRANT USAGE ON SCHEMA %1$I TO %2$I; GRANT SELECT ON ALL TABLES IN SCHEMA %1$I TO %2$I;',
                                               schema, current_user)
            WHEN many > 1          THEN format('drop those that Prefect does not use, or: ALTER ROLE %I IN DATABASE %I SET search_path = …',
                                               session_user, current_database()) END AS remedy
FROM state;
