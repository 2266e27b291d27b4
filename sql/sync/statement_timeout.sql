-- Sets another statement timeout for the rest of this transaction than the session's.
-- Parameters: $1 the timeout, with its unit. Rights: none.
SELECT set_config('statement_timeout', $1, true)
