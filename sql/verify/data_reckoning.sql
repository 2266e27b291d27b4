-- Every trade is reckoned from the one before it.
-- order: 155
-- severity: fail
-- every: 15 minutes
-- why: Realised P&L, and what the next trade is reckoned from, is not what average cost in order of execution gives.
-- remedy: Run: tradetop maintain rebuild-analytics
-- rights: SELECT on analytics.sync_ledger, sync_pairs, book_closings and opening_balances
--
-- Entries of the ledger whose held quantity, average cost or realised P&L (unless it is stated) do not follow from the
-- entry before, and accounts and symbols whose state is not that of their last entry. $1: of entries applied, and of
-- accounts and symbols with trades, since; without it each is reckoned anew from its first trade, or its opening balance. What
-- an older release applied has no quantity held until it is reckoned for the first time.
WITH cut AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), opening AS MATERIALIZED (
    SELECT DISTINCT ON (account_id, symbol) * FROM analytics.opening_balances
     ORDER BY account_id, symbol, closed_before DESC
), steps AS (
    SELECT l.account_id, l.symbol, l.trade_id, l.held, l.average_cost, l.realized_pnl, l.pnl_stated,
           f.held AS due_held, f.average AS due_average, f.realised AS due_pnl
      FROM analytics.sync_ledger AS l
      LEFT JOIN LATERAL (
               SELECT b.trade_id, b.held, b.average_cost FROM analytics.sync_ledger AS b
                WHERE b.account_id = l.account_id AND b.symbol = l.symbol AND b.executed_at >= (SELECT at FROM cut)
                  AND (b.executed_at, b.trade_id COLLATE "C") < (l.executed_at, l.trade_id COLLATE "C")
                ORDER BY b.executed_at DESC, b.trade_id COLLATE "C" DESC LIMIT 1) AS b ON true
      LEFT JOIN opening AS o ON o.account_id = l.account_id AND o.symbol = l.symbol AND b.trade_id IS NULL,
           analytics.average_cost(coalesce(b.held, o.held, 0), coalesce(b.average_cost, o.average_cost, 0),
                                  ARRAY[l.side::text], ARRAY[l.quantity], ARRAY[l.price], ARRAY[l.commission]) AS f
     WHERE l.applied_at >= now() - $1::interval AND l.held IS NOT NULL AND l.executed_at >= (SELECT at FROM cut)
    UNION ALL
    SELECT s.account_id, s.symbol, f.*
      FROM (SELECT account_id, symbol, array_agg(trade_id ORDER BY executed_at, trade_id COLLATE "C") AS ids,
                   array_agg(side::text ORDER BY executed_at, trade_id COLLATE "C") AS sides,
                   array_agg(quantity ORDER BY executed_at, trade_id COLLATE "C") AS quantities,
                   array_agg(price ORDER BY executed_at, trade_id COLLATE "C") AS prices,
                   array_agg(commission ORDER BY executed_at, trade_id COLLATE "C") AS commissions,
                   array_agg(held ORDER BY executed_at, trade_id COLLATE "C") AS helds,
                   array_agg(average_cost ORDER BY executed_at, trade_id COLLATE "C") AS averages,
                   array_agg(realized_pnl ORDER BY executed_at, trade_id COLLATE "C") AS pnls,
                   array_agg(pnl_stated ORDER BY executed_at, trade_id COLLATE "C") AS stated
              FROM analytics.sync_ledger WHERE $1::interval IS NULL AND executed_at >= (SELECT at FROM cut)
             GROUP BY account_id, symbol) AS s
      LEFT JOIN opening AS o USING (account_id, symbol),
           ROWS FROM (unnest(ids, helds, averages, pnls, stated),
                      analytics.average_cost(coalesce(o.held, 0), coalesce(o.average_cost, 0), sides, quantities, prices,
                                             commissions))
               AS f(trade_id, held, average_cost, realized_pnl, pnl_stated, due_held, due_average, due_pnl)
), pairs AS (
    SELECT p.account_id, p.symbol, p.held, p.average_cost, p.last_executed_at, p.last_trade_id,
           CASE WHEN l.trade_id IS NULL THEN o.held ELSE l.held END AS due_held,
           CASE WHEN l.trade_id IS NULL THEN o.average_cost ELSE l.average_cost END AS due_average,
           coalesce(l.executed_at, o.last_executed_at) AS executed_at, coalesce(l.trade_id, o.last_trade_id) AS trade_id
      FROM analytics.sync_pairs AS p
      LEFT JOIN LATERAL (
               SELECT e.held, e.average_cost, e.executed_at, e.trade_id FROM analytics.sync_ledger AS e
                WHERE e.account_id = p.account_id AND e.symbol = p.symbol AND e.executed_at >= (SELECT at FROM cut)
                ORDER BY e.executed_at DESC, e.trade_id COLLATE "C" DESC LIMIT 1) AS l ON true
      LEFT JOIN opening AS o ON o.account_id = p.account_id AND o.symbol = p.symbol
     WHERE p.last_executed_at IS NOT NULL AND ($1::interval IS NULL OR p.updated_at >= now() - $1::interval)
)
SELECT account_id, symbol, 'trade ' || trade_id AS object, round(held, 4) AS held, round(due_held, 4) AS held_by_trades,
       average_cost, due_average AS average_by_trades, realized_pnl, CASE WHEN NOT pnl_stated THEN due_pnl END AS pnl_by_trades
  FROM steps
 WHERE (held, average_cost) <> (due_held, due_average) OR (NOT pnl_stated AND realized_pnl <> round(due_pnl, 4))
UNION ALL
SELECT account_id, symbol, 'last trade ' || last_trade_id, round(held, 4), round(due_held, 4), average_cost, due_average, NULL, NULL
  FROM pairs
 WHERE (held, average_cost, last_executed_at, last_trade_id) IS DISTINCT FROM (due_held, due_average, executed_at, trade_id)
 ORDER BY account_id, symbol, object
 LIMIT 501
