-- Takes the advisory lock of an action and its target until the session ends, without waiting. $1: the lock's name.
-- Rights: none.
SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked;
