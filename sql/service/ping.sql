-- Asks for a sign of life. No parameters. Rights: none.
SELECT 1 AS alive
