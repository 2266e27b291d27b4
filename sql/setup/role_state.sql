-- Whether a role exists (else no row), may log in, is a superuser, is the current user. $1 role. Rights: none.
SELECT rolcanlogin AS can_login, rolsuper AS is_superuser, rolname = session_user AS is_self
FROM pg_roles WHERE rolname = $1;
