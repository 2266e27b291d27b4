-- Trades whose account or symbol is not their order's. A foreign key is checked as the table's owner, so row-level
-- security does not keep one account's trade from naming another's order. Rights: SELECT on execution.trades and
-- orders.
SELECT t.trade_id, t.order_id, t.account_id, o.account_id AS order_account_id, t.symbol, o.symbol AS order_symbol
FROM execution.trades AS t
JOIN execution.orders AS o USING (order_id)
WHERE t.account_id <> o.account_id OR t.symbol <> o.symbol
ORDER BY t.id
LIMIT 20;
