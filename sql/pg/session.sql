-- Settings that our statements need, whatever database and role have, and facts of the server, in one round trip. Where
-- another process answers than the login named, a pooler is in between, which lends its server's connection to others:
-- there the settings end with the transaction, and behind it each transaction runs this first.
-- A setting that this server does not know is left out (minor versions from before August 2024 lack
-- restrict_nonsystem_relation_kind), but none with a dot, which are ours, as is a role that this session's user may not
-- take on, or that is not there.
-- Parameters: $1 names and $2 values of the settings, text arrays; $3 the process that the login named. Rights: none.
-- A SELECT, not startup parameters: PgBouncer refuses those that it does not know.
-- It is the first statement of a connection: each name is qualified, since the search_path is not ours yet.
SELECT pg_catalog.count(pg_catalog.set_config(s.name, s.value,
           pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) $3::pg_catalog.int4))   AS settings,
       pg_catalog.current_setting('server_version_num')::pg_catalog.int4               AS version_num,
       pg_catalog.pg_is_in_recovery()                                                  AS in_recovery,
       pg_catalog.current_setting('default_transaction_read_only') OPERATOR(pg_catalog.=) 'on' AS read_only,
       pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) $3::pg_catalog.int4         AS pooled
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS s(name, value)
WHERE CASE WHEN s.name OPERATOR(pg_catalog.<>) 'role'
               THEN s.name OPERATOR(pg_catalog.~~) '%.%' OR pg_catalog.current_setting(s.name, true) IS NOT NULL
           ELSE pg_catalog.pg_has_role(session_user, pg_catalog.to_regrole(s.value),
               CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4
                   OPERATOR(pg_catalog.>=) 160000 THEN 'SET' ELSE 'MEMBER' END) END;
