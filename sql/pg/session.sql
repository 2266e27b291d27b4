-- Settings of every new connection, whatever database and role have, and facts of its server, in one round trip.
-- $1 statement_timeout, $2 lock_timeout, $3 idle_in_transaction_session_timeout, each with its unit. Rights: none.
-- A SELECT, not startup parameters: PgBouncer refuses those that it does not know.
SELECT set_config('timezone', 'UTC', false)                          AS timezone,
       set_config('datestyle', 'ISO', false)                         AS datestyle,
       set_config('intervalstyle', 'postgres', false)                AS intervalstyle,
       set_config('array_nulls', 'on', false)                        AS array_nulls,
       set_config('statement_timeout', $1, false)                    AS statement_timeout,
       set_config('lock_timeout', $2, false)                         AS lock_timeout,
       set_config('idle_in_transaction_session_timeout', $3, false)  AS idle_timeout,
       current_setting('server_version_num')::integer                AS version_num,
       pg_is_in_recovery()                                           AS in_recovery,
       pg_backend_pid()                                              AS pid;
