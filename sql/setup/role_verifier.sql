-- A role's password verifier; no row if there is no such role. $1 role. Rights: superuser (else 42501).
SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = $1;
