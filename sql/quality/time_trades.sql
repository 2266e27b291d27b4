-- No trade was executed after it was written.
-- By more than 5 s: a clock is wrong, or a time without a zone was not read as UTC. $1: of trades created since.
-- Rights: SELECT on execution.trades.
SELECT trade_id AS row_key, symbol, created_at AS row_at, 'error' AS severity, 'not after ' || created_at AS expected,
       executed_at::text AS actual, 'The trade ' || trade_id || ' lies in the future of its writing.' AS message
  FROM execution.trades
 WHERE created_at >= $1::timestamptz AND executed_at > created_at + interval '5 seconds'
 ORDER BY created_at, trade_id
 LIMIT 200;
