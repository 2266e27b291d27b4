-- Every trade has its order’s account and symbol.
-- order: 30
-- severity: fail
-- why: A fill was booked to another account or symbol than the one ordered.
-- remedy: Ask the owner of the execution service which of the two is right, and correct the other.
-- rights: SELECT on execution.trades and orders
--
-- PostgreSQL checks a foreign key as the table’s owner, so row-level security does not keep one account’s trade from
-- naming another account’s order.
SELECT t.trade_id, t.order_id, t.account_id, o.account_id AS order_account_id, t.symbol, o.symbol AS order_symbol
FROM execution.trades AS t
JOIN execution.orders AS o USING (order_id)
WHERE t.account_id <> o.account_id OR t.symbol <> o.symbol
ORDER BY t.id
LIMIT 20;
