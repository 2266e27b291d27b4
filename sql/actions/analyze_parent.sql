-- Renews the planner's statistics of a partitioned table, and so of its partitions. Identifiers: schema, table.
-- Autovacuum never does this for a partitioned table. Rights: MAINTAIN (17 and newer), or the owner's.
ANALYZE (VERBOSE) :"schema".:"table";
