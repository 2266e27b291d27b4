-- Makes a risk limit, enabled. $1: type, $2: account, $3: strategy, $4: symbol (null: all of them), $5: limit, $6: the fraction of it
-- from which on it warns, $7: who.
-- Rights: INSERT on these columns, SELECT, and USAGE on the sequence.
INSERT INTO risk_management.risk_limits (limit_type, account_id, strategy, symbol, limit_value, warn_fraction, updated_by)
VALUES ($1, $2, $3, $4, $5::numeric, $6::numeric, $7)
RETURNING id::text AS key, limit_type, account_id, strategy, symbol, limit_value, warn_fraction, enabled, version, updated_by;
