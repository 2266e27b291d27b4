-- Builds an index anew beside the old one and exchanges the two; reads and writes continue. Identifiers: schema, index.
-- Rights: MAINTAIN on its table (PostgreSQL 17 and newer), or the owner's. Not inside a transaction.
REINDEX INDEX CONCURRENTLY :"schema".:"index";
