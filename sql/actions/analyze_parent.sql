-- Updates the planner's statistics of a partitioned table and of its partitions. Identifiers: schema, table.
-- Autovacuum never does this for a partitioned table. Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's.
ANALYZE (VERBOSE) :"schema".:"table";
