-- Encrypts every secret again, from tradetop_secret.old_key to tradetop_secret.key. The whole statement fails (39000) if the
-- old key does not decrypt one.
-- $1 the new key's id. Identifier: pgcrypto, the extension's schema. Rights: SELECT and UPDATE on the table.
UPDATE notification.notification_configs AS config
SET secret = :"pgcrypto".pgp_sym_encrypt(
        :"pgcrypto".pgp_sym_decrypt(config.secret, NULLIF(current_setting('tradetop_secret.old_key', true), '')),
        NULLIF(current_setting('tradetop_secret.key', true), ''), 'cipher-algo=aes256'),
    secret_key_id = $1, version = config.version + 1, updated_at = now()
WHERE config.secret IS NOT NULL
RETURNING config.id;
