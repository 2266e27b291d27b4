-- Passes values to the rest of the transaction without any statement that contains them: rows of (name, value), sent as COPY
-- data, become the settings tradetop_secret.NAME. Rights: INSERT on notification.session_secrets.
COPY notification.session_secrets (name, value) FROM STDIN (FORMAT binary);
