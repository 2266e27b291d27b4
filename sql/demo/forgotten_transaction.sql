-- Begins a transaction that nobody ends, and that sees the database as it is now.
-- No parameters. Rights: none.
BEGIN ISOLATION LEVEL REPEATABLE READ
