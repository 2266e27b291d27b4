-- No table has more than a fifth dead rows.
-- order: 40
-- severity: warn
-- every: 15 minutes
-- why: Every scan reads the dead rows too.
-- remedy: Run: tradetop maintain vacuum-analyze TABLE. If that removes none, see long transactions.
-- rights: none
--
-- Tables with more than 10,000 dead rows only.
SELECT format('%I.%I', schemaname, relname) AS object, n_dead_tup AS dead, n_live_tup AS live,
    date_trunc('second', GREATEST(last_vacuum, last_autovacuum))::text AS last_vacuum
FROM pg_stat_user_tables
WHERE n_dead_tup > 10000 AND n_dead_tup > 0.2 * (n_live_tup + n_dead_tup)
ORDER BY n_dead_tup DESC
LIMIT 501;
