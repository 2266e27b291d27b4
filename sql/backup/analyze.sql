-- Collects the statistics of all tables, which a restored database lacks. Rights: ownership of the tables.
ANALYZE;
