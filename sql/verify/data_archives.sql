-- What closed months have in their archives is the same in both.
-- order: 156
-- severity: fail
-- every: 15 minutes
-- why: A closed trade and what was counted for it are kept side by side for good. Where they differ, nobody can say which
--   of them the closed sums were made of.
-- remedy: Find out who wrote to the archives (tradetop's roles may only add to them), and restore the month from a backup.
-- rights: SELECT on execution.archived_trades, analytics.archived_sync_ledger and book_closings
--
-- Entries without their row, rows without their entry, and entries that say something else than their row. $1: of months
-- that were closed within it, the first 5,000 entries and rows of each by id. A month that one of the archives does not have
-- is left out: months are detached one after the other.
WITH months AS MATERIALIZED (
    SELECT DISTINCT m::timestamp AT TIME ZONE 'UTC' AS from_at, (m + interval '1 month') AT TIME ZONE 'UTC' AS to_at
      FROM analytics.book_closings, unnest(months) AS m
     WHERE $1::interval IS NULL OR closed_at >= now() - $1::interval
), kept AS MATERIALIZED (
    SELECT from_at, to_at, CASE WHEN $1::interval IS NULL THEN NULL ELSE 5000 END AS most
      FROM months AS m
     WHERE EXISTS (SELECT FROM execution.archived_trades AS t WHERE t.executed_at >= m.from_at AND t.executed_at < m.to_at)
       AND EXISTS (SELECT FROM analytics.archived_sync_ledger AS l WHERE l.executed_at >= m.from_at AND l.executed_at < m.to_at)
), entries AS (
    SELECT l.* FROM kept AS k, LATERAL (
               SELECT trade_id, executed_at, row_id, account_id, symbol, quantity, price, total_value, event
                 FROM analytics.archived_sync_ledger WHERE executed_at >= k.from_at AND executed_at < k.to_at
                ORDER BY trade_id LIMIT k.most) AS l
), taken_rows AS (
    SELECT t.* FROM kept AS k, LATERAL (
               SELECT trade_id, executed_at FROM execution.archived_trades
                WHERE executed_at >= k.from_at AND executed_at < k.to_at ORDER BY trade_id LIMIT k.most) AS t
)
SELECT l.trade_id, l.executed_at,
       CASE WHEN t.trade_id IS NULL THEN 'archived_trades has no row of it'
            ELSE format('its row has %s %s, %s at %s, value %s; its entry %s %s, %s at %s, value %s', t.account_id, t.symbol, t.quantity,
                     t.price, v.value, l.account_id, l.symbol, l.quantity, l.price, l.total_value) END AS problem
  FROM entries AS l
  LEFT JOIN execution.archived_trades AS t ON t.trade_id = l.trade_id AND t.executed_at = l.executed_at,
       LATERAL (SELECT coalesce(t.total_value, (l.event->>'total_value')::numeric, round(t.quantity * t.price, 4)) AS value) AS v
 WHERE t.trade_id IS NULL OR (l.row_id, l.account_id, l.symbol, l.quantity, l.price, l.total_value)
       IS DISTINCT FROM (t.id, t.account_id, t.symbol, t.quantity, t.price, v.value)
UNION ALL
SELECT t.trade_id, t.executed_at, 'archived_sync_ledger has no entry of it'
  FROM taken_rows AS t
 WHERE NOT EXISTS (SELECT FROM analytics.archived_sync_ledger AS l
                    WHERE l.trade_id = t.trade_id AND l.executed_at = t.executed_at)
 ORDER BY trade_id, problem
 LIMIT 501
