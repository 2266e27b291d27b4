-- The last trade and order of a seed, from which its numbers continue, and whether there is no trade at all.
-- $1 prefix of the trades' ids, $2 of the orders'. Rights: SELECT on execution.trades and execution.orders.
SELECT (SELECT trade_id FROM execution.trades WHERE starts_with(trade_id, $1) ORDER BY id DESC LIMIT 1) AS trade_id,
       (SELECT order_id FROM execution.orders WHERE starts_with(order_id, $2) ORDER BY id DESC LIMIT 1) AS order_id,
       NOT EXISTS (SELECT FROM execution.trades) AS empty;
