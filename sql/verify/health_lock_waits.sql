-- No session waits for a lock.
-- order: 65
-- severity: warn
-- every: minute
-- why: What it was asked to do does not happen, and others wait behind it.
-- remedy: Look at the sessions that block (Sessions & locks in the console), and end the one that stands first.
-- rights: none; pg_read_all_stats to see the sessions of other roles
--
-- Sessions of this database that have waited for a lock for over 5 s, and those that hold it.
SELECT a.pid, a.usename AS "user", a.application_name AS application,
    date_trunc('second', now() - w.since)::text AS waits_for, array_to_string(pg_blocking_pids(a.pid), ',') AS blocked_by
FROM (SELECT pid, min(waitstart) AS since FROM pg_locks WHERE NOT granted GROUP BY pid) AS w
JOIN pg_stat_activity AS a USING (pid)
WHERE a.datname = current_database() AND w.since < now() - interval '5 seconds'
ORDER BY w.since
LIMIT 501;
