-- Creates a system setting. $1: key, $2: value (JSON), $3: description, $4: who.
-- Rights: INSERT on these columns, SELECT, and USAGE on the sequence.
INSERT INTO shared.system_config (key, value, description, updated_by)
VALUES ($1, $2, $3, $4)
RETURNING key, value::text AS value, description, version, updated_by;
