-- Transactions of clients that have been open for over an hour. Rights: pg_read_all_stats to see those of others.
SELECT pid, usename AS "user", application_name AS application, state,
    date_trunc('second', now() - xact_start)::text AS transaction_for
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start < now() - interval '1 hour'
ORDER BY xact_start
LIMIT 20;
