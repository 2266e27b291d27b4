-- Releases the session's advisory locks before its connection closes, so that the next run can start at once.
-- Rights: none.
SELECT pg_advisory_unlock_all();
