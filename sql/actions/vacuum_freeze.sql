-- Freezes the rows of one table, so that no transaction id of theirs counts for the wraparound. Identifiers: schema, table.
-- Without TRUNCATE, which takes AccessExclusive to give back empty pages at the end, and cancels queries on standbys.
-- Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's. Not inside a transaction.
VACUUM (FREEZE, VERBOSE, TRUNCATE FALSE) :"schema".:"table";
