-- Lets one report be kept at a time, until the transaction ends, so that versions are counted right. No parameters. Rights: none.
SELECT pg_advisory_xact_lock(hashtextextended('tradetop reports', 0));
