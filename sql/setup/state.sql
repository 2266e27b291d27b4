-- Whether the set-up has been run on this database: its core tables exist. No parameters. Rights: none.
SELECT count(*) = 3 AS set_up
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE (n.nspname, c.relname) IN (('execution', 'trades'), ('execution', 'positions'), ('shared', 'audit_log'));
