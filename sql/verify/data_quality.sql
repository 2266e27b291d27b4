-- No data is known to be wrong.
-- order: 96
-- severity: warn
-- every: minute
-- why: Marks, signals, limits and positions are made of data that a rule of validation has found to be wrong.
-- remedy: Mend the row, or load it again from its source: the finding is closed when it no longer holds. One that is right after all is
--   settled by hand, with UPDATE data_ingestion.data_quality_logs SET resolved_at = now(), resolved_by = 'NAME' WHERE id = …
-- rights: SELECT on data_ingestion.data_quality_logs
--
-- Open findings of severity error and critical, of the ingestion and of validation (sql/quality), the worst and the newest first.
SELECT id, check_name, severity, symbol, row_key, expected, actual, message, timestamp AS found_at
FROM data_ingestion.data_quality_logs
WHERE resolved_at IS NULL AND severity IN ('error', 'critical')
ORDER BY severity = 'critical' DESC, timestamp DESC, id DESC
LIMIT 501;
