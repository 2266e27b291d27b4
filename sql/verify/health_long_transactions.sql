-- No transaction is more than an hour old.
-- order: 70
-- severity: warn
-- every: minute
-- why: VACUUM removes no row that it might still see.
-- remedy: Cancel the query, or terminate the session.
-- rights: none; pg_read_all_stats to see the sessions of other roles
--
-- Transactions of clients only.
SELECT pid, usename AS "user", application_name AS application, state,
    date_trunc('second', now() - xact_start)::text AS transaction_for
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start < now() - interval '1 hour'
ORDER BY xact_start
LIMIT 501;
