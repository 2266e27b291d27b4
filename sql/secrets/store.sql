-- Encrypts the transaction's tradetop_secret.text with its tradetop_secret.key into one configuration.
-- $1 id, $2 version read, $3 the key's id. Identifier: pgcrypto, the extension's schema. Rights: SELECT and UPDATE on the table.
-- A missing setting is empty or null; null encrypts to null, which secret_with_its_key refuses.
UPDATE notification.notification_configs AS config
SET secret = :"pgcrypto".pgp_sym_encrypt(NULLIF(current_setting('tradetop_secret.text', true), ''),
        NULLIF(current_setting('tradetop_secret.key', true), ''), 'cipher-algo=aes256'),
    secret_key_id = $3, version = config.version + 1, updated_at = now()
WHERE config.id = $1 AND config.version = $2
RETURNING config.version;
