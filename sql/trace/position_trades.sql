-- The trades of an account and symbol, the newest first, at most 1,001, each with what was held after it; on every row what all
-- of them come to, and what the position has. Where there is no trade, one row without one.
-- Bought less sold, each trade by its own side or else its order's, on top of what closed books come to: their trades are not
-- listed. held and the sums are NULL where a side that they need is not known.
-- Parameters: $1 account, $2 symbol. Rights: SELECT on execution.trades, orders and positions, and on analytics.sync_ledger,
-- book_closings and opening_balances.
WITH cut AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), opening AS MATERIALIZED (
    SELECT closed_before, net_quantity, net_quantity IS NOT NULL AS known
      FROM analytics.opening_balances
     WHERE account_id = $1 AND symbol = $2
     ORDER BY closed_before DESC
     LIMIT 1
), start AS MATERIALIZED (
    SELECT CASE WHEN coalesce((SELECT known FROM opening), true)
                THEN coalesce((SELECT net_quantity FROM opening), 0) END AS quantity
), fills AS MATERIALIZED (
    SELECT t.trade_id, t.order_id, t.executed_at, t.quantity, t.price, t.strategy, coalesce(t.side, o.side)::text AS side
      FROM execution.trades AS t
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
     WHERE t.account_id = $1 AND t.symbol = $2
       -- Closed trades that are not moved yet are in the opening balance.
       AND NOT (t.executed_at < (SELECT at FROM cut)
                AND EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id))
), running AS (
    SELECT f.*, bool_and(side IS NOT NULL) OVER so_far AS known,
           sum(CASE side WHEN 'buy' THEN quantity ELSE -quantity END) OVER so_far AS net
      FROM fills AS f
    WINDOW so_far AS (ORDER BY executed_at, trade_id COLLATE "C")
), totals AS (
    SELECT count(*) AS trades, count(*) FILTER (WHERE side IS NULL) AS unknown,
           coalesce(sum(quantity) FILTER (WHERE side = 'buy'), 0) AS bought,
           coalesce(sum(quantity) FILTER (WHERE side = 'sell'), 0) AS sold
      FROM fills
), newest AS (
    SELECT * FROM running ORDER BY executed_at DESC, trade_id COLLATE "C" DESC LIMIT 1001
)
SELECT n.trade_id, n.order_id, n.executed_at, n.side, n.quantity::text AS quantity, n.price::text AS price, n.strategy,
       CASE WHEN n.known THEN s.quantity + n.net END::text AS held,
       t.trades::float8 AS trades, t.unknown::float8 AS unknown, t.bought::text AS bought, t.sold::text AS sold,
       (SELECT closed_before FROM opening) AS closed_before, s.quantity::text AS opening,
       CASE WHEN t.unknown = 0 THEN s.quantity + t.bought - t.sold END::text AS net,
       p.quantity::text AS position, now() AS clock
  FROM totals AS t
 CROSS JOIN start AS s
  LEFT JOIN newest AS n ON true
  LEFT JOIN execution.positions AS p ON p.account_id = $1 AND p.symbol = $2
 ORDER BY n.executed_at DESC, n.trade_id COLLATE "C" DESC;
