-- Removes dead rows of one table and updates the planner's statistics. Identifiers: schema, table.
-- Without TRUNCATE, which takes AccessExclusive to give back empty pages at the end, and cancels queries on standbys.
-- Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's. Not inside a transaction.
VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) :"schema".:"table";
