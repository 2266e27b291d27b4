-- For how long the session waits for a lock. $1: milliseconds, as text. Rights: none.
SELECT set_config('lock_timeout', $1, false);
