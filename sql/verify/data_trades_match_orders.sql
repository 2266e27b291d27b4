-- Every trade has its order’s account and symbol.
-- order: 30
-- severity: fail
-- every: 15 minutes
-- why: A fill was booked to another account or symbol than the one ordered.
-- remedy: Ask the owner of the execution service which of the two is right. Take a wrong trade out of the books with
--   tradetop trade bust ID --reason … and book it anew; then validate the foreign key: tradetop setup
-- rights: SELECT on execution.trades and orders
--
-- $1: of trades created since. The foreign key trades_as_their_orders refuses such trades, and lets older ones stand.
WITH pairs AS (
    SELECT t.id, t.trade_id, t.order_id, t.account_id, o.account_id AS order_account_id, t.symbol,
        o.symbol AS order_symbol
    FROM execution.trades AS t
    JOIN execution.orders AS o USING (order_id)
    WHERE $1::interval IS NULL
    UNION ALL
    SELECT t.id, t.trade_id, t.order_id, t.account_id, o.account_id, t.symbol, o.symbol
    FROM execution.trades AS t, LATERAL (
        SELECT account_id, symbol FROM execution.orders WHERE order_id = t.order_id LIMIT 1
    ) AS o
    WHERE t.created_at >= now() - $1::interval
), found AS MATERIALIZED (
    SELECT * FROM pairs WHERE account_id <> order_account_id OR symbol <> order_symbol
)
SELECT trade_id, order_id, account_id, order_account_id, symbol, order_symbol FROM found ORDER BY id LIMIT 501;
