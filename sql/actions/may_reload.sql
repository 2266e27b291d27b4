-- When the server last read its configuration files, what waits for a restart, and whether this role may have it read them.
-- Rights: pg_read_all_settings to see every setting.
SELECT pg_conf_load_time()::text                                         AS loaded_at,
       has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE')  AS may,
       (SELECT string_agg(name, ', ' ORDER BY name) FROM pg_settings WHERE pending_restart) AS waiting,
       quote_ident(current_user)                                         AS me;
