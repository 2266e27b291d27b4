-- The schema that pgcrypto is installed in; no row when it is not installed. Rights: none.
SELECT nspname AS schema
FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pgcrypto';
