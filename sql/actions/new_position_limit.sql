-- Makes a position limit, enabled. $1: account, $2: strategy, $3: symbol (null: all of them), $4: the most shares or contracts of the
-- symbol, $5: the most money (null: no limit), $6: the fraction of a limit from which on it warns, $7: who.
-- Rights: INSERT on these columns, SELECT, and USAGE on the sequence.
INSERT INTO risk_management.position_limits (account_id, strategy, symbol, max_quantity, max_value, warn_fraction, updated_by)
VALUES ($1, $2, $3, $4::numeric, $5::numeric, $6::numeric, $7)
RETURNING id::text AS key, account_id, strategy, symbol, max_quantity, max_value, warn_fraction, enabled, version, updated_by;
