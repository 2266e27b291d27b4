-- Gives the table of quality findings its autovacuum back.
-- No parameters. Rights: owner of the table.
ALTER TABLE data_ingestion.data_quality_logs RESET (autovacuum_enabled)
