-- Every quantity and price is a possible number.
-- order: 80
-- severity: fail
-- every: 15 minutes
-- why: NaN or a negative quantity corrupts every sum that includes it.
-- remedy: Correct these rows, then enforce the constraints: tradetop setup
-- rights: SELECT on execution.orders, trades and positions
--
-- NaN, a negative quantity, or a price that is not positive. Tables whose constraints are all in force are not read.
WITH guarded AS (
    SELECT conrelid, count(*) AS constraints FROM pg_constraint
    WHERE contype = 'c' AND convalidated AND conname IN ('positive_quantity', 'valid_price', 'finite_numbers',
        'positive_price', 'non_negative_commission', 'finite_figures', 'non_negative_quantity')
    GROUP BY conrelid
)
SELECT 'order ' || order_id AS object, quantity, price, NULL::numeric AS other
FROM execution.orders
WHERE NOT EXISTS (SELECT FROM guarded WHERE conrelid = 'execution.orders'::regclass AND constraints = 3)
    AND (quantity <= 0 OR price <= 0 OR 'NaN' = ANY (ARRAY[quantity, price, stop_price]))
UNION ALL
SELECT 'trade ' || trade_id, quantity, price,
    CASE WHEN 'NaN' = ANY (ARRAY[total_value, realized_pnl, win_rate]) THEN 'NaN' ELSE commission END
FROM execution.trades
WHERE NOT EXISTS (SELECT FROM guarded WHERE conrelid = 'execution.trades'::regclass AND constraints = 5)
    AND (quantity <= 0 OR price <= 0 OR commission < 0
        OR 'NaN' = ANY (ARRAY[quantity, price, commission, total_value, realized_pnl, win_rate]))
UNION ALL
SELECT format('position %s %s', account_id, symbol), quantity, avg_price, market_value
FROM execution.positions
WHERE NOT EXISTS (SELECT FROM guarded WHERE conrelid = 'execution.positions'::regclass AND constraints = 2)
    AND (quantity < 0 OR 'NaN' = ANY (ARRAY[quantity, avg_price, market_value, unrealized_pnl, realized_pnl,
        last_price]))
ORDER BY object
LIMIT 501;
