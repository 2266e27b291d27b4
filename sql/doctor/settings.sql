-- Server settings that panes depend on, and what is lost without them. Rights: none.
SELECT 'setting_' || w.name AS id,
       w.feature,
       CASE WHEN w.good THEN 'ok' ELSE w.severity END AS status,
       format('%s = %s%s', w.name, current_setting(w.name), CASE WHEN w.good THEN '' ELSE ': ' || w.lost END) AS text,
       CASE WHEN NOT w.good THEN format('ALTER SYSTEM SET %s = %s; %s', w.name, w.value,
           CASE WHEN s.context = 'postmaster' THEN 'then restart PostgreSQL'
                ELSE 'SELECT pg_reload_conf();' END) END AS remedy
FROM (VALUES
    ('track_activities', 'connection health', 'missing', 'on', current_setting('track_activities')::boolean,
     'what sessions do is unknown'),
    ('track_counts', 'tables and vacuum', 'missing', 'on', current_setting('track_counts')::boolean,
     'rows are not counted, and autovacuum does not run'),
    ('autovacuum', 'tables and vacuum', 'warn', 'on', current_setting('autovacuum')::boolean,
     'dead rows pile up until somebody runs VACUUM'),
    ('track_io_timing', 'slow queries', 'warn', 'on', current_setting('track_io_timing')::boolean,
     'the time that queries wait for I/O is unknown'),
    ('track_activity_query_size', 'running queries', 'warn', '4096',
     pg_size_bytes(current_setting('track_activity_query_size')) >= 4096, 'long queries are truncated')
) AS w (name, feature, severity, value, good, lost)
JOIN pg_settings AS s ON s.name = w.name
ORDER BY w.name;
