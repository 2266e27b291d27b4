-- Every strategy that has trades in the ledger or days in the metrics.
-- No parameters. Rights: SELECT on analytics.sync_ledger and performance_metrics.
SELECT strategy FROM analytics.sync_ledger UNION SELECT strategy FROM analytics.performance_metrics ORDER BY strategy
