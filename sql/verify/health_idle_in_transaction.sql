-- Sessions that have sat in an open transaction for over 5 minutes without doing anything: they hold locks, and keep
-- VACUUM from removing dead rows. Rights: pg_read_all_stats to see those of others.
SELECT pid, usename AS "user", application_name AS application, state,
    date_trunc('second', now() - state_change)::text AS idle_for,
    date_trunc('second', now() - xact_start)::text AS transaction_for
FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 minutes'
ORDER BY state_change
LIMIT 20;
