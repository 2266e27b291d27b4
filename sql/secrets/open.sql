-- Decrypts secrets with the transaction's tradetop_secret.key; a wrong key is an error (39000).
-- $1 a configuration's id, or null for all. Identifier: pgcrypto, the extension's schema. Rights: SELECT on the table.
SELECT id, name, :"pgcrypto".pgp_sym_decrypt(secret, NULLIF(current_setting('tradetop_secret.key', true), '')) AS secret
FROM notification.notification_configs
WHERE secret IS NOT NULL AND ($1::bigint IS NULL OR id = $1)
ORDER BY id;
