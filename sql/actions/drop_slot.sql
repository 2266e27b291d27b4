-- Drops a replication slot; the server refuses one that is being read. $1: its name. Rights: REPLICATION.
SELECT pg_drop_replication_slot($1);
