-- The server's settings as all sessions have them, but those of a session, a database or a role. No parameters.
-- Rights: none; those that only pg_read_all_settings may see are left out, and so is what may carry a password.
SELECT name, left(coalesce(reset_val, ''), 200) AS value, pending_restart
  FROM pg_catalog.pg_settings
 WHERE context <> 'internal'
   AND source NOT IN ('session', 'client', 'database', 'user', 'database user', 'interactive', 'test')
   AND name NOT LIKE '%conninfo%' AND name NOT LIKE '%passphrase%' AND name NOT LIKE '%command%';
