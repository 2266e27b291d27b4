-- Waits for the lock that allows one set-up or upgrade of this database at a time, until the transaction ends. Rights: none.
SELECT pg_advisory_xact_lock(hashtextextended('tradetop setup', 0)) IS NULL AS locked;
