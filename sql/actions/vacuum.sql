-- Removes dead rows of one partition, whose statistics its parent's ANALYZE updates. {target}: the table, quoted.
-- Rights: MAINTAIN (PostgreSQL 17 and newer), or the owner's. Not inside a transaction.
VACUUM (VERBOSE, TRUNCATE FALSE) {target};
