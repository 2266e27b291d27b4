-- The progress of our backend's statement. $1: pid, $2: its backend_start. No rows: the backend is gone.
-- `done` of `total` is in the phase's own unit. Rights: none for one's own sessions. PostgreSQL 14 to 16.
SELECT a.state,
       a.wait_event_type,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8  AS seconds,
       coalesce(v.relid, n.relid, i.relid)  AS relid,
       coalesce(v.phase, n.phase, i.phase)  AS phase,
       CASE
           WHEN v.phase = 'vacuuming heap' THEN v.heap_blks_vacuumed
           WHEN v.phase IN ('scanning heap', 'truncating heap') THEN v.heap_blks_scanned
           WHEN n.phase = 'acquiring inherited sample rows' AND n.child_tables_total > 0 THEN n.child_tables_done
           WHEN n.phase LIKE 'acquiring%' THEN n.sample_blks_scanned
           WHEN i.phase LIKE 'waiting for%' THEN i.lockers_done
           WHEN i.tuples_total > 0 THEN i.tuples_done
           ELSE i.blocks_done
       END                         AS done,
       CASE
           WHEN v.phase IN ('scanning heap', 'vacuuming heap', 'truncating heap') THEN v.heap_blks_total
           WHEN n.phase = 'acquiring inherited sample rows' AND n.child_tables_total > 0 THEN n.child_tables_total
           WHEN n.phase LIKE 'acquiring%' THEN n.sample_blks_total
           WHEN i.phase LIKE 'waiting for%' THEN i.lockers_total
           WHEN i.tuples_total > 0 THEN i.tuples_total
           ELSE i.blocks_total
       END                         AS total
FROM pg_stat_activity AS a
LEFT JOIN pg_stat_progress_vacuum AS v USING (pid)
LEFT JOIN pg_stat_progress_analyze AS n USING (pid)
LEFT JOIN pg_stat_progress_create_index AS i USING (pid)
WHERE a.pid = $1
  AND a.backend_start = $2::timestamptz;
