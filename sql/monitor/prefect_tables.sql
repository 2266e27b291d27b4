-- The schema with Prefect's tables: the first on the role's own search path, else the first by name; NULL: there is none yet.
-- Which of the columns that we count by are missing in its flow_run, or are of another type, and whether the tables and columns
-- are there that lists of runs, workers and pools need. A type that somebody made would bring a cast of his own.
-- No parameters. In Prefect's database. Rights: none.
WITH path AS (
    -- What the role and the database have set: this session's own search path is ours.
    SELECT replace(btrim(entry.name, ' "'), '$user', session_user) AS name, n
      FROM pg_catalog.pg_settings AS s,
           LATERAL unnest(string_to_array(s.reset_val, ',')) WITH ORDINALITY AS entry (name, n)
     WHERE s.name = 'search_path'
), schemas AS (
    SELECT n.oid, n.nspname
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN path AS p ON p.name = n.nspname
     WHERE c.relname = 'flow_run' AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
     ORDER BY p.n NULLS LAST, n.nspname
     LIMIT 1
), wanted (list, tab, col, type) AS (
    -- word: an enumeration, without casts, or text.
    VALUES ('counts', 'flow_run', 'state_type', 'word'), ('counts', 'flow_run', 'expected_start_time', 'timestamptz'),
           ('counts', 'flow_run', 'start_time', 'timestamptz'), ('counts', 'flow_run', 'state_timestamp', 'timestamptz'),
           ('runs', 'flow_run', 'id', 'uuid'), ('runs', 'flow_run', 'flow_id', 'uuid'), ('runs', 'flow_run', 'name', 'varchar'),
           ('runs', 'flow_run', 'state_name', 'varchar'), ('runs', 'flow_run', 'end_time', 'timestamptz'),
           ('runs', 'flow', 'id', 'uuid'), ('runs', 'flow', 'name', 'varchar'),
           ('workers', 'work_pool', 'id', 'uuid'), ('workers', 'work_pool', 'name', 'varchar'),
           ('workers', 'work_pool', 'type', 'varchar'), ('workers', 'work_pool', 'status', 'word'),
           ('workers', 'work_pool', 'is_paused', 'bool'), ('workers', 'worker', 'id', 'uuid'),
           ('workers', 'worker', 'name', 'varchar'), ('workers', 'worker', 'work_pool_id', 'uuid'),
           ('workers', 'worker', 'last_heartbeat_time', 'timestamptz')
), lacking AS (
    SELECT w.list, w.tab, w.col
      FROM wanted AS w
     CROSS JOIN schemas AS s
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                         JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = w.col AND NOT a.attisdropped
                        WHERE c.relnamespace = s.oid AND c.relname = w.tab AND c.relkind IN ('r', 'p')
                          AND CASE w.type
                              WHEN 'varchar' THEN a.atttypid IN ('varchar'::regtype, 'text'::regtype)
                              WHEN 'word' THEN a.atttypid IN ('varchar'::regtype, 'text'::regtype)
                                   OR EXISTS (SELECT FROM pg_catalog.pg_type AS t WHERE t.oid = a.atttypid AND t.typtype = 'e')
                                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast WHERE castsource = a.atttypid)
                              ELSE a.atttypid = w.type::regtype END)
)
SELECT (SELECT nspname::text FROM schemas)                                                              AS schema,
       coalesce((SELECT string_agg(col, ', ' ORDER BY col) FROM lacking WHERE list = 'counts'), '')     AS missing,
       EXISTS (SELECT FROM schemas) AND NOT EXISTS (SELECT FROM lacking WHERE list IN ('counts', 'runs')) AS lists_runs,
       EXISTS (SELECT FROM schemas) AND NOT EXISTS (SELECT FROM lacking WHERE list = 'workers')         AS lists_workers;
