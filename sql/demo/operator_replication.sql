-- Lets the operator drop replication slots. No parameters. Rights: REPLICATION and CREATEROLE.
ALTER ROLE tradetop_operator REPLICATION;
