-- Sets the role's password to the verifier from setup/hold_verifier. Anything but a SCRAM-SHA-256 verifier is refused, since
-- the server would take it for a password in clear text. Rights: CREATEROLE (with ADMIN on the role from 16 on), or superuser.
DO $$
BEGIN
    IF current_setting('tradetop.verifier') !~ '^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$'
        THEN
        RAISE EXCEPTION 'not a SCRAM-SHA-256 verifier';
    END IF;
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        PERFORM set_config('pg_stat_statements.track', 'none', true);
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L', current_setting('tradetop.role'), current_setting('tradetop.verifier'));
END $$;
