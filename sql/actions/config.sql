-- System settings, with the version that an edit must find unchanged. $1: their keys, or null for all.
-- Rights: SELECT on shared.system_config.
SELECT c.key,
       c.value::text        AS value,
       c.description,
       c.version,
       c.updated_by,
       c.updated_at::text   AS updated_at
FROM shared.system_config AS c
WHERE $1::text[] IS NULL OR c.key = ANY ($1::text[])
ORDER BY c.key;
