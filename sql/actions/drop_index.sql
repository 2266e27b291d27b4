-- Drops an index; reads and writes continue. Identifiers: schema, index. Rights: the owner's. Not inside a transaction.
DROP INDEX CONCURRENTLY :"schema".:"index";
