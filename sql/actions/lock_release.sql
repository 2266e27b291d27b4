-- Gives the session's locks on actions back before its connection is closed, so that the next may start at once.
-- Rights: none.
SELECT pg_advisory_unlock_all();
