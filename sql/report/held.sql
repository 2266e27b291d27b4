-- What each account held of each symbol at a moment, at what average cost, and the symbol's mark then: the close of the last
-- bar that had begun in the 31 days before (NULL: there is none). From the ledger, its archive and the opening balances; at
-- most 20,001 rows. held is NULL where an older release did not keep it.
-- Parameters: $1 the moment, $2 account (NULL: all).
-- Rights: SELECT on analytics.sync_pairs, sync_ledger, archived_sync_ledger, book_closings and opening_balances, and on
-- data_ingestion.market_data.
WITH live AS (
    SELECT p.account_id, p.symbol, e.held, e.average_cost, e.executed_at, e.trade_id
      FROM analytics.sync_pairs AS p
     CROSS JOIN LATERAL (SELECT held, average_cost, executed_at, trade_id
                           FROM analytics.sync_ledger AS l
                          WHERE l.account_id = p.account_id AND l.symbol = p.symbol AND l.executed_at < $1::timestamptz
                          ORDER BY executed_at DESC, trade_id COLLATE "C" DESC
                          LIMIT 1) AS e
     WHERE $2::text IS NULL OR p.account_id = $2
), archived AS (
    SELECT DISTINCT ON (account_id, symbol) account_id, symbol, held, average_cost, executed_at, trade_id
      FROM analytics.archived_sync_ledger
     WHERE executed_at >= coalesce((SELECT max(closed_before) FROM analytics.book_closings WHERE closed_before <= $1), '-infinity')
       AND executed_at < $1 AND ($2::text IS NULL OR account_id = $2)
     ORDER BY account_id, symbol, executed_at DESC, trade_id COLLATE "C" DESC
), opening AS (
    SELECT DISTINCT ON (account_id, symbol) account_id, symbol, held, average_cost, last_executed_at, last_trade_id
      FROM analytics.opening_balances
     WHERE closed_before <= $1 AND ($2::text IS NULL OR account_id = $2)
     ORDER BY account_id, symbol, closed_before DESC
), last AS MATERIALIZED (
    SELECT DISTINCT ON (account_id, symbol) *
      FROM (SELECT * FROM live UNION ALL SELECT * FROM archived UNION ALL SELECT * FROM opening) AS known
     ORDER BY account_id, symbol, executed_at DESC, trade_id COLLATE "C" DESC
), marks AS MATERIALIZED (
    SELECT s.symbol, b.close
      FROM (SELECT DISTINCT symbol FROM last WHERE held > 0) AS s
     CROSS JOIN LATERAL (SELECT close FROM data_ingestion.market_data AS m
                          WHERE m.symbol = s.symbol AND m.timestamp < $1 AND m.timestamp >= $1 - interval '31 days'
                            AND m.close IS NOT NULL
                          ORDER BY m.timestamp DESC
                          LIMIT 1) AS b
)
SELECT account_id, symbol, held::text AS held, average_cost::text AS average_cost, close::text AS mark
  FROM last
  LEFT JOIN marks USING (symbol)
 WHERE held > 0 OR held IS NULL
 ORDER BY account_id, symbol
 LIMIT 20001;
