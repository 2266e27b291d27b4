-- Every position is the sum of its trades.
-- order: 60
-- severity: fail
-- every: 20 seconds
-- why: A trade was lost or counted twice: the desk trades on a position that it does not have.
-- remedy: Look for the missing or duplicate trade, and compare with the broker before you correct the position. Take a
--   duplicate out of the books with tradetop trade bust ID --reason …
-- rights: SELECT on execution.trades, orders and positions, analytics.sync_ledger, sync_pairs, sync_workers, book_closings and
--   opening_balances
--
-- Bought less sold, per account and symbol, each trade by its own side or else its order's, on top of what closed books come
-- to. A position with a trade of unknown side is skipped. $1: unless it is NULL, and where a synchroniser has run, only those positions are computed that
-- are not what the ledger comes to.
WITH unlike AS MATERIALIZED (
    SELECT account_id, symbol
    FROM execution.positions AS p
    FULL JOIN analytics.sync_pairs AS s USING (account_id, symbol)
    WHERE $1::interval IS NOT NULL AND COALESCE(p.quantity, 0) <> COALESCE(s.held, 0)
), alone AS MATERIALIZED (
    SELECT $1::interval IS NOT NULL AND NOT EXISTS (SELECT FROM analytics.sync_workers) AS so
), cut AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), fills AS (
    SELECT account_id, symbol, quantity, side, order_id, trade_id, executed_at FROM execution.trades
    WHERE $1::interval IS NULL
    UNION ALL
    SELECT account_id, symbol, quantity, side, order_id, trade_id, executed_at FROM execution.trades
    WHERE (SELECT so FROM alone)
    UNION ALL
    SELECT account_id, symbol, t.quantity, t.side, t.order_id, t.trade_id, t.executed_at
    FROM unlike JOIN execution.trades AS t USING (account_id, symbol)
    WHERE NOT (SELECT so FROM alone)
), traded AS (
    SELECT account_id, symbol, sum(quantity) AS quantity, bool_and(sides_known) AS sides_known
    FROM (
        SELECT account_id, symbol, CASE COALESCE(f.side, o.side) WHEN 'buy' THEN f.quantity ELSE -f.quantity END AS quantity,
            COALESCE(f.side, o.side) IS NOT NULL AS sides_known
        FROM (SELECT account_id, symbol, side, order_id, sum(quantity) AS quantity FROM fills AS f
            -- Closed trades that are not moved yet are in the opening balance.
            WHERE NOT (executed_at < (SELECT at FROM cut)
                AND EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = f.trade_id))
            GROUP BY account_id, symbol, side, order_id) AS f
        LEFT JOIN (SELECT order_id, side FROM execution.orders) AS o USING (order_id)
        UNION ALL
        (SELECT DISTINCT ON (account_id, symbol) account_id, symbol, net_quantity, net_quantity IS NOT NULL
        FROM analytics.opening_balances
        WHERE $1::interval IS NULL OR (SELECT so FROM alone) OR (account_id, symbol) IN (SELECT account_id, symbol FROM unlike)
        ORDER BY account_id, symbol, closed_before DESC)
    ) AS parts
    GROUP BY account_id, symbol
)
SELECT account_id, symbol, p.quantity AS position, COALESCE(t.quantity, 0) AS of_trades
FROM traded AS t
FULL JOIN (SELECT account_id, symbol, quantity FROM execution.positions
    WHERE $1::interval IS NULL OR (SELECT so FROM alone) OR (account_id, symbol) IN (SELECT account_id, symbol FROM unlike)
) AS p USING (account_id, symbol)
WHERE COALESCE(t.sides_known, true) AND COALESCE(p.quantity, 0) <> COALESCE(t.quantity, 0)
ORDER BY account_id, symbol
LIMIT 501;
