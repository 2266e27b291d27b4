-- Every position is the sum of its trades.
-- order: 60
-- severity: fail
-- why: A trade was lost or counted twice: the desk trades on a position that it does not have.
-- remedy: Look for the missing or duplicate trade, and compare with the broker before you correct the position.
-- rights: SELECT on execution.trades, orders and positions
--
-- Bought less sold, per account and symbol. A position with a trade of unknown side (it has no order) is skipped.
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
