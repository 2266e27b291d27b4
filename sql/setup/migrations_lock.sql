-- One set-up or upgrade at a time, in this database, until the transaction ends. Rights: none.
SELECT pg_advisory_xact_lock(hashtextextended('tradetop setup', 0)) IS NULL AS locked;
