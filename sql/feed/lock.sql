-- Whether this session is the one simulated desk of the database, from now until it ends. No parameters. Rights: none.
SELECT pg_try_advisory_lock(hashtextextended('tradetop feed', 0)) AS held;
