-- Locks the position limits, in order, so that one worker at a time measures them, with positions as they are from then on.
-- Returns a row a limit. No parameters.
-- Rights: SELECT on risk_management.position_limits, UPDATE on a column of it.
SELECT id FROM risk_management.position_limits ORDER BY id FOR NO KEY UPDATE;
