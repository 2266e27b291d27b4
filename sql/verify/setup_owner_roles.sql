-- Nobody may become the owner of the tables.
-- order: 145
-- severity: warn
-- every: 15 minutes
-- why: Who may become tradetop_owner can drop its tables, switch row-level security off, and put a function of its own into
--   what others read.
-- remedy: Run: tradetop setup, which takes the operator's membership back where --operator-may-vacuum is not given. Others:
--   REVOKE … FROM …;
-- rights: none
--
-- Roles that may take on tradetop_owner or tradetop_keeper, or below PostgreSQL 16 may grant it to themselves (CREATEROLE gives
-- every role there but a superuser's). Superusers, owners of this database and administrators who may set up (CREATEROLE and
-- CREATEDB) are not told of. Services and the application are setup_roles' matter, which fails.
SELECT r.rolname AS object, CASE
    WHEN pg_has_role(r.oid, owner.oid, 'MEMBER') THEN format('may take on %s%s', owner.rolname, CASE
        WHEN r.rolname = 'tradetop_operator' THEN ', as tradetop setup --operator-may-vacuum lets it' ELSE '' END)
    ELSE format('may grant %s to itself (CREATEROLE)', owner.rolname) END AS problem
FROM pg_roles AS r, (SELECT oid, rolname FROM pg_roles WHERE rolname IN ('tradetop_owner', 'tradetop_keeper'))
    AS owner (oid, rolname)
WHERE NOT r.rolsuper AND NOT (r.rolcreaterole AND r.rolcreatedb)
    AND r.rolname NOT IN ('tradetop_owner', 'tradetop_keeper', 'tradetop_vacuum')
    AND NOT pg_has_role(r.oid, (SELECT datdba FROM pg_database WHERE datname = current_database()), 'MEMBER')
    AND (pg_has_role(r.oid, owner.oid, 'MEMBER')
        OR r.rolcreaterole AND current_setting('server_version_num')::integer < 160000)
ORDER BY 1, 2
LIMIT 501;
