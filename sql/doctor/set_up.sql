-- Whether tradetop setup has been run on this database. Rights: none.
WITH wanted (name) AS (
    VALUES ('execution.orders'), ('execution.trades'), ('execution.positions'), ('data_ingestion.market_data'),
           ('logging.system_logs'), ('analytics.portfolio_summary'), ('shared.audit_log'), ('shared.system_config')
), known AS (
    -- Not to_regclass, which fails without USAGE on the schema.
    SELECT n.nspname || '.' || c.relname AS name
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p')
), there AS (
    SELECT count(k.name)                                               AS found,
           count(*)                                                    AS total,
           string_agg(w.name, ', ') FILTER (WHERE k.name IS NULL)      AS absent
    FROM wanted AS w
    LEFT JOIN known AS k USING (name)
)
SELECT 'set_up'                                                AS id,
       'trades, positions, sync, maintenance'                  AS feature,
       CASE WHEN found = total THEN 'ok' ELSE 'missing' END    AS status,
       CASE WHEN found = total THEN format('database %I is set up', current_database())
            ELSE format('database %I lacks %s', current_database(), absent) END AS text,
       CASE WHEN found < total THEN 'tradetop setup' END       AS remedy
FROM there;
