-- An index as it is now, and the copies that an attempt to build it left: their names end in _ccnew or _ccold.
-- $1: schema, $2: its name, $3: its table's oid. `same`: it is the index itself. Rights: none.
SELECT c.oid,
       c.relname::text                                    AS name,
       i.indisvalid                                       AS valid,
       c.relname = $2                                     AS same,
       c.relpages * current_setting('block_size')::float8 AS bytes
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE i.indrelid = $3
  AND n.nspname = $1
  AND (c.relname = $2
       OR NOT i.indisvalid AND c.relname ~ '_cc(new|old)\d*$'
          AND (regexp_replace(c.relname, '_cc(new|old)\d*$', '') = $2
               -- A long name is cut so that the end has room.
               OR octet_length(c.relname) >= 61 AND starts_with($2, regexp_replace(c.relname, '_cc(new|old)\d*$', ''))))
ORDER BY c.relname;
