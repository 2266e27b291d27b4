-- Removes dead rows of one table, whose statistics its parent's ANALYZE renews. Identifiers: schema, table.
-- Rights: MAINTAIN (17 and newer), or the owner's. Not inside a transaction.
VACUUM (VERBOSE, TRUNCATE FALSE) :"schema".:"table";
