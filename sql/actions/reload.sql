-- Makes the server read its configuration files again. Rights: EXECUTE on pg_reload_conf(), which superusers have.
SELECT pg_reload_conf() AS sent;
