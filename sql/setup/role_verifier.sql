-- The password verifier that a role has; no row when there is no such role. $1 role. Rights: superuser (else 42501).
SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = $1;
