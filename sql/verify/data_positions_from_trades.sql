-- Positions that are not the sum of their trades: bought less sold, per account and symbol. Where trades have no order
-- (and so no side) nothing can be said. Rights: SELECT on execution.trades, orders and positions.
WITH traded AS (
    SELECT t.account_id, t.symbol, sum(CASE o.side WHEN 'buy' THEN t.quantity ELSE -t.quantity END) AS quantity,
        bool_and(o.side IS NOT NULL) AS sides_known
    FROM execution.trades AS t
    LEFT JOIN execution.orders AS o USING (order_id)
    GROUP BY t.account_id, t.symbol
)
SELECT account_id, symbol, p.quantity AS position, COALESCE(t.quantity, 0) AS of_trades
FROM traded AS t
FULL JOIN execution.positions AS p USING (account_id, symbol)
WHERE COALESCE(t.sides_known, true) AND COALESCE(p.quantity, 0) <> COALESCE(t.quantity, 0)
ORDER BY account_id, symbol
LIMIT 20;
