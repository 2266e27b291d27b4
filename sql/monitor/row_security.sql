-- Whether row-level security may hide rows of a table from us: it applies to us, and no policy lets us see all rows.
-- $1 the table, as schema.name. Rights: none on the table itself.
SELECT row_security_active(t.oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS p
                        WHERE p.polrelid = t.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
                          AND pg_get_expr(p.polqual, p.polrelid) = 'true'
                          AND EXISTS (SELECT FROM unnest(p.polroles) AS r (oid)
                                       WHERE r.oid = 0 OR pg_has_role(r.oid, 'USAGE'))) AS hides,
       quote_ident(current_user)                                                         AS reader
  FROM (SELECT to_regclass($1::text) AS oid) AS t
 WHERE t.oid IS NOT NULL;
