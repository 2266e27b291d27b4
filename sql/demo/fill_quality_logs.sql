-- Adds many findings that are of no importance and closed.
-- No parameters. Rights: INSERT on data_ingestion.data_quality_logs.
INSERT INTO data_ingestion.data_quality_logs (timestamp, source, check_name, severity, message, resolved_at)
SELECT now() - interval '30 days', 'demo', 'duplicate', 'info', 'A bar was delivered twice. ' || n, now()
  FROM generate_series(1, 60000) AS n
