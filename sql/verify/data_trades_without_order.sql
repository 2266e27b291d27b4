-- Every trade names its order.
-- order: 20
-- severity: warn
-- why: A trade has its side from its order: without one, its position cannot be computed.
-- remedy: Set order_id of these trades.
-- rights: SELECT on execution.trades
SELECT trade_id, account_id, symbol, quantity, executed_at
FROM execution.trades
WHERE order_id IS NULL
ORDER BY id
LIMIT 20;
