-- The schema that pgcrypto is installed in; no row: it is not installed. Rights: none.
SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pgcrypto';
