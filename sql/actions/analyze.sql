-- Renews the planner's statistics of one table; of a partitioned one, its partitions' too. Identifiers: schema, table.
-- Rights: MAINTAIN (17 and newer), or the owner's.
ANALYZE (VERBOSE) :"schema".:"table";
