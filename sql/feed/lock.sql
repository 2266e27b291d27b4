-- Tries to get the lock of the database's one simulated desk, until the session ends. No parameters. Rights: none.
SELECT pg_try_advisory_lock(hashtextextended('tradetop feed', 0)) AS held;
