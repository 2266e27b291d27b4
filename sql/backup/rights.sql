-- The statements that give a new database the rights and the comment of the one that was backed up, in order.
-- $1 name, $2 the rights as backup/database returns them, $3 comment. Rights: none.
SELECT statement FROM (
    SELECT 0 AS n, format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $1::text) AS statement
    UNION ALL
    SELECT 1, format('GRANT %s ON DATABASE %I TO %s%s', privilege, $1, COALESCE(to_regrole(grantee)::text, 'PUBLIC'),
        CASE WHEN grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM json_to_recordset($2) AS r (grantee text, privilege text, grantable boolean)
    WHERE privilege IN ('CONNECT', 'CREATE', 'TEMPORARY') AND (grantee IS NULL OR to_regrole(grantee) IS NOT NULL)
    UNION ALL
    SELECT 2, format('COMMENT ON DATABASE %I IS %L', $1, $3::text) WHERE $3 IS NOT NULL
) AS statements
ORDER BY n;
