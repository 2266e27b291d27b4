-- Limits a migration's wait for a table's lock, since all others queue behind it. Until the transaction ends.
-- Rights: none.
SET LOCAL lock_timeout = '5s';
