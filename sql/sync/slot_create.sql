-- Creates the replication slot of the synchroniser. It waits until every transaction that is open now has ended. A
-- walsender takes no parameters, so the slot's name stands here. Returns the position from which it brings everything.
-- Rights: REPLICATION.
SELECT lsn::text AS lsn FROM pg_create_logical_replication_slot('tradetop_sync', 'pgoutput')
