-- How long a migration waits for a table's lock, since everybody else waits behind it. Until the transaction ends.
-- Rights: none.
SET LOCAL lock_timeout = '5s';
