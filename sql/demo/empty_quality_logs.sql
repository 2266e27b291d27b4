-- Deletes the findings that the incident added.
-- No parameters. Rights: SELECT and DELETE on data_ingestion.data_quality_logs.
DELETE FROM data_ingestion.data_quality_logs WHERE source = 'demo'
