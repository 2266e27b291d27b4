-- What a session does at this moment. $1 pid, $2 its start. No rows: it is gone. `hidden`: the server does not tell.
-- Rights: pg_read_all_stats; without it the sessions of other roles are hidden.
SELECT state, wait_event_type || coalesce(':' || wait_event, '') AS wait, backend_start IS NULL AS hidden
  FROM pg_catalog.pg_stat_activity
 WHERE pid = $1::integer
   AND (backend_start IS NULL OR backend_start = $2::timestamptz);
