-- Prepared transactions that nobody ended for over 5 minutes: they outlive their session, and a restart. Rights: none.
SELECT gid AS object, owner, database, date_trunc('second', now() - prepared)::text AS prepared_for
FROM pg_prepared_xacts
WHERE prepared < now() - interval '5 minutes'
ORDER BY prepared
LIMIT 20;
