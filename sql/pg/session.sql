-- Settings that our statements need, whatever database and role have, and facts of the server, in one round trip. Where
-- another process answers than the login named, a pooler is in between, which lends its server's connection to others:
-- there the settings end with the transaction, and behind it each transaction runs this first.
-- A setting that this server does not know is left out, but for those with a dot, which are ours (minor versions from before August 2024 lack
-- restrict_nonsystem_relation_kind), as is a role that this session's user may not take on, or that is not there.
-- Parameters: $1 names and $2 values of the settings, text arrays; $3 the process that the login named. Rights: none.
-- A SELECT, not startup parameters: PgBouncer refuses those that it does not know.
SELECT count(set_config(s.name, s.value, pg_backend_pid() <> $3::integer)) AS settings,
       current_setting('server_version_num')::integer                      AS version_num,
       pg_is_in_recovery()                                                 AS in_recovery,
       pg_backend_pid() <> $3::integer                                     AS pooled
FROM unnest($1::text[], $2::text[]) AS s(name, value)
WHERE CASE WHEN s.name <> 'role' THEN s.name LIKE '%.%' OR current_setting(s.name, true) IS NOT NULL
           WHEN current_setting('server_version_num')::integer >= 160000 THEN pg_has_role(session_user, to_regrole(s.value), 'SET')
           ELSE pg_has_role(session_user, to_regrole(s.value), 'MEMBER') END;
