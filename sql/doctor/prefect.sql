-- Whether Prefect has created its tables in its database, and whether this role may read them. Rights: none.
WITH state AS (
    SELECT count(*) FILTER (WHERE c.relname = 'flow_run') > 0 AS made,
           string_agg(c.oid::regclass::text, ', ') FILTER (WHERE NOT has_table_privilege(c.oid, 'SELECT')
                                                           OR NOT has_schema_privilege(n.oid, 'USAGE')) AS hidden
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname IN ('flow_run', 'flow', 'work_pool') AND c.relkind IN ('r', 'p')
)
SELECT 'prefect_tables'                                               AS id,
       'prefect'                                                      AS feature,
       CASE WHEN made AND hidden IS NULL THEN 'ok' ELSE 'warn' END    AS status,
       CASE WHEN NOT made THEN format('database %I is not initialised by Prefect yet', current_database())
            WHEN hidden IS NOT NULL THEN format('%I may not read %s', current_user, hidden)
            ELSE format('database %I has Prefect''s tables', current_database()) END AS text,
       CASE WHEN NOT made THEN 'prefect server database upgrade -y'
            WHEN hidden IS NOT NULL THEN format('GRANT USAGE ON SCHEMA public TO %1$I; '
                'GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$I;', current_user) END AS remedy
FROM state;
