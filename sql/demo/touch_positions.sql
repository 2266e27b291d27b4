-- Locks the positions of the first account, and changes nothing in them.
-- No parameters. Rights: SELECT and UPDATE on execution.positions.
UPDATE execution.positions
   SET last_updated = last_updated
 WHERE account_id = (SELECT min(account_id) FROM execution.positions)
