-- Every trade’s order exists.
-- order: 10
-- severity: fail
-- every: 15 minutes
-- why: A fill of an unknown order cannot be accounted for.
-- remedy: Find the order at the broker and enter it; then validate the foreign key: tradetop setup
-- rights: SELECT on execution.trades and orders
--
-- $1: of trades created since.
WITH found AS MATERIALIZED (
    SELECT id, trade_id, order_id, account_id, symbol, executed_at
    FROM execution.trades AS t
    WHERE ($1::interval IS NULL OR created_at >= now() - $1::interval) AND order_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM execution.orders AS o WHERE o.order_id = t.order_id)
)
SELECT trade_id, order_id, account_id, symbol, executed_at FROM found ORDER BY id LIMIT 501;
