-- Gives the statements of this transaction more time than the session's. $1 statement_timeout with its unit. Rights: none.
SELECT set_config('statement_timeout', $1, true)
