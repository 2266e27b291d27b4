-- Trades that name no order, and so have no side. Rights: SELECT on execution.trades.
SELECT trade_id, account_id, symbol, quantity, executed_at
FROM execution.trades
WHERE order_id IS NULL
ORDER BY id
LIMIT 20;
