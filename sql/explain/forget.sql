-- Forgets the prepared statement. No parameters. Rights: none.
DEALLOCATE tradetop_explain
