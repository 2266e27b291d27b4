-- Whether this transaction may judge the quality of data: one worker at a time does. Held until the transaction ends.
-- No parameters. Rights: none.
SELECT pg_try_advisory_xact_lock(hashtextextended('tradetop validation', 0)) AS held
