-- Counts the trades of the last hour.
-- No parameters. Rights: SELECT on execution.trades.
SELECT count(*) FROM execution.trades WHERE executed_at >= now() - interval '1 hour'
