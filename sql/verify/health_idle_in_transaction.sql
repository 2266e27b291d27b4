-- No session idles in a transaction.
-- order: 60
-- severity: warn
-- every: minute
-- why: It holds locks, and keeps VACUUM from removing dead rows.
-- remedy: Ask its owner, then terminate the session. Set idle_in_transaction_session_timeout for the role.
-- rights: none; pg_read_all_stats to see the sessions of other roles
--
-- Sessions that have done nothing for over a minute in an open transaction.
SELECT pid, usename AS "user", application_name AS application, state,
    date_trunc('second', now() - state_change)::text AS idle_for,
    date_trunc('second', now() - xact_start)::text AS transaction_for
FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND state_change < now() - interval '1 minute'
ORDER BY state_change
LIMIT 501;
