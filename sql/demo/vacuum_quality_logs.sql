-- Removes the dead rows of the table of quality findings.
-- No parameters. Rights: owner of the table.
VACUUM (ANALYZE) data_ingestion.data_quality_logs
