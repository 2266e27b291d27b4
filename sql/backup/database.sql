-- What pg_dump leaves out of this database: encoding, locale, owner, rights, settings, and the roles that it refers to.
-- Rights: none.
-- Through jsonb, since the columns depend on the version: datlocprovider exists from 15 on, the locale is daticulocale in 15
-- and 16, datlocale from 17 on.
SELECT d.datname AS name,
       current_setting('server_version') AS version,
       current_setting('server_version_num')::integer / 10000 AS major,
       pg_encoding_to_char(d.encoding) AS encoding,
       COALESCE(j ->> 'datlocprovider', 'c') AS provider,
       d.datcollate AS collate,
       d.datctype AS ctype,
       COALESCE(j ->> 'datlocale', j ->> 'daticulocale') AS locale,
       pg_get_userbyid(d.datdba) AS owner,
       shobj_description(d.oid, 'pg_database') AS comment,
       pg_database_size(d.oid) AS bytes,
       d.datacl IS NULL AS default_rights,
       (SELECT json_agg(json_build_object('grantee', NULLIF(grantee, 0)::regrole::text, 'privilege', privilege_type,
               'grantable', is_grantable) ORDER BY grantee, privilege_type)
        FROM aclexplode(d.datacl))::text AS rights,
       (SELECT json_agg(json_build_object('role', rolname, 'name', split_part(setting, '=', 1),
               'value', substr(setting, strpos(setting, '=') + 1)) ORDER BY rolname, setting)
        FROM pg_db_role_setting LEFT JOIN pg_roles AS r ON r.oid = setrole, unnest(setconfig) AS setting
        WHERE setdatabase = d.oid)::text AS settings,
       (SELECT json_agg(DISTINCT name) FROM (
            SELECT pg_get_userbyid(refobjid) AS name FROM pg_shdepend
            WHERE refclassid = 'pg_authid'::regclass AND (dbid = d.oid OR (classid = 'pg_database'::regclass AND objid = d.oid))
            UNION
            SELECT pg_get_userbyid(d.datdba)
            UNION
            SELECT pg_get_userbyid(relowner) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
                AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
        ) AS named WHERE name !~ '^pg_')::text AS roles
FROM pg_database AS d, to_jsonb(d) AS j
WHERE d.datname = current_database();
