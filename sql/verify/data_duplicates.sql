-- No trade, order or position occurs twice.
-- order: 100
-- severity: fail
-- every: 15 minutes
-- why: A duplicate counts twice in every sum.
-- remedy: Remove the duplicate, then enforce the unique key: tradetop setup
-- rights: SELECT on execution.orders, trades and positions
--
-- Tables whose unique key is in force are not read. (Groups by sorted rows: a table for groups by hash would be made ready
-- all the same.)
WITH guarded AS (
    SELECT indrelid, c.conname FROM pg_constraint AS c JOIN pg_index ON indexrelid = conindid WHERE contype = 'u'
        AND indisvalid
)
SELECT 'trade ' || trade_id AS object, count(*) AS times
FROM (SELECT trade_id FROM execution.trades WHERE NOT EXISTS (SELECT FROM guarded
    WHERE indrelid = 'execution.trades'::regclass AND conname = 'trades_trade_id_key') ORDER BY trade_id) AS t
GROUP BY trade_id HAVING count(*) > 1
UNION ALL
SELECT 'order ' || order_id, count(*)
FROM (SELECT order_id FROM execution.orders WHERE NOT EXISTS (SELECT FROM guarded
    WHERE indrelid = 'execution.orders'::regclass AND conname = 'orders_order_id_key') ORDER BY order_id) AS o
GROUP BY order_id HAVING count(*) > 1
UNION ALL
SELECT format('position %s %s', account_id, symbol), count(*)
FROM execution.positions
WHERE NOT EXISTS (SELECT FROM guarded WHERE indrelid = 'execution.positions'::regclass
    AND conname = 'unique_account_symbol')
GROUP BY account_id, symbol HAVING count(*) > 1
ORDER BY object
LIMIT 501;
