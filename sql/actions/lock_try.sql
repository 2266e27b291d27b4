-- Takes the session's lock on an action and its target, or says at once that another session has it. $1 its name.
-- Rights: none. It ends with the connection.
SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS had;
