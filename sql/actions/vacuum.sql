-- Removes dead rows of one partition, whose statistics its parent's ANALYZE updates. Identifiers: schema, table.
-- Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's. Not inside a transaction.
VACUUM (VERBOSE, TRUNCATE FALSE) :"schema".:"table";
