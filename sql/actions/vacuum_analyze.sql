-- Removes dead rows and renews the planner's statistics of one table. Identifiers: schema, table.
-- Without TRUNCATE: giving back empty pages at the end takes AccessExclusive and cancels queries on standbys.
-- Rights: MAINTAIN (17 and newer), or the owner's. Not inside a transaction.
VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) :"schema".:"table";
