-- Updates the planner's statistics of one table, and of its partitions where it has some. Identifiers: schema, table.
-- Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's.
ANALYZE (VERBOSE) :"schema".:"table";
