-- Closes the books before a time, inside the transaction that holds close_books_lock and has found no obstacle: the closing, and
-- for each account and symbol with trades since the closing before, what all its closed trades come to.
-- $1 the time, the start of a month (UTC), $2 who. Returns the number of trades, and of balances.
-- Rights: SELECT on execution.trades and orders and analytics.sync_ledger; SELECT, INSERT on analytics.book_closings and
-- opening_balances.
WITH last AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), closed AS MATERIALIZED (
    SELECT l.account_id, l.symbol, count(*) AS trades, sum(l.total_value) AS total_value, sum(l.realized_pnl) AS realized_pnl,
           sum(CASE coalesce(t.side, o.side) WHEN 'buy' THEN t.quantity ELSE -t.quantity END) AS net_quantity,
           bool_and(coalesce(t.side, o.side) IS NOT NULL) AS sides_known,
           array_agg(DISTINCT date_trunc('month', l.executed_at AT TIME ZONE 'UTC')::date) AS months
      FROM analytics.sync_ledger AS l
      LEFT JOIN execution.trades AS t ON t.trade_id = l.trade_id
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
     WHERE l.executed_at >= (SELECT at FROM last) AND l.executed_at < $1::timestamptz
     GROUP BY l.account_id, l.symbol
), balances AS (
    INSERT INTO analytics.opening_balances (account_id, symbol, closed_before, held, average_cost, last_executed_at,
           last_trade_id, net_quantity, total_value, realized_pnl, total_trades)
    SELECT c.account_id, c.symbol, $1::timestamptz, e.held, e.average_cost, e.executed_at, e.trade_id,
           CASE WHEN c.sides_known AND (o.symbol IS NULL OR o.net_quantity IS NOT NULL)
                THEN coalesce(o.net_quantity, 0) + c.net_quantity END,
           coalesce(o.total_value, 0) + c.total_value, coalesce(o.realized_pnl, 0) + c.realized_pnl,
           coalesce(o.total_trades, 0) + c.trades
      FROM closed AS c
     CROSS JOIN LATERAL (
               SELECT l.held, l.average_cost, l.executed_at, l.trade_id FROM analytics.sync_ledger AS l
                WHERE l.account_id = c.account_id AND l.symbol = c.symbol AND l.executed_at < $1::timestamptz
                  AND l.executed_at >= (SELECT at FROM last)
                ORDER BY l.executed_at DESC, l.trade_id COLLATE "C" DESC LIMIT 1) AS e
      LEFT JOIN LATERAL (
               SELECT b.* FROM analytics.opening_balances AS b WHERE b.account_id = c.account_id AND b.symbol = c.symbol
                ORDER BY b.closed_before DESC LIMIT 1) AS o ON true
    RETURNING 1
), closing AS (
    INSERT INTO analytics.book_closings (closed_before, closed_by, trades, total_value, realized_pnl, months)
    SELECT $1::timestamptz, $2, coalesce(sum(trades), 0), coalesce(sum(total_value), 0), coalesce(sum(realized_pnl), 0),
           ARRAY(SELECT DISTINCT m FROM closed AS c, unnest(c.months) AS m ORDER BY m)
      FROM closed
    RETURNING trades
)
SELECT (SELECT trades FROM closing)::text AS trades, (SELECT count(*) FROM balances)::integer AS balances
