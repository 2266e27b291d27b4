-- The statement that creates an empty database like the one that was backed up.
-- $1 name, $2 owner, $3 encoding, $4 provider (c, i or b), $5 collate, $6 ctype, $7 locale of the provider. Rights: none.
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L', $1::text, $2::text,
           $3::text, $5::text, $6::text)
       || CASE WHEN $4::text = 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', $7::text)
               WHEN $4 = 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', $7)
               WHEN current_setting('server_version_num')::integer >= 150000 THEN ' LOCALE_PROVIDER libc'
               ELSE '' END AS statement;
