-- Updates the planner's statistics of a partitioned table alone. {target}: the table, quoted.
-- Autovacuum never does this for a partitioned table. Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's.
ANALYZE (VERBOSE) ONLY {target};
