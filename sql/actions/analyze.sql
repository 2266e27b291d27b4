-- Updates the planner's statistics of one table, and of its partitions where it has some. {target}: the table, quoted.
-- Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's.
ANALYZE (VERBOSE) {target};
