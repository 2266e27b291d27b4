-- No prepared transaction is forgotten.
-- order: 80
-- severity: warn
-- every: minute
-- why: It keeps its locks, even across a restart.
-- remedy: COMMIT PREPARED '…'; or ROLLBACK PREPARED '…';
-- rights: none
--
-- Prepared transactions that nobody has ended for over 5 minutes.
SELECT gid AS object, owner, database, date_trunc('second', now() - prepared)::text AS prepared_for
FROM pg_prepared_xacts
WHERE prepared < now() - interval '5 minutes'
ORDER BY prepared
LIMIT 501;
