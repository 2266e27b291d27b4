-- Switches autovacuum off for the table of quality findings.
-- No parameters. Rights: owner of the table.
ALTER TABLE data_ingestion.data_quality_logs SET (autovacuum_enabled = false)
