-- The open positions with their marks, the largest first, at most 1,000.
-- No parameters. Rights: SELECT on execution.positions and data_ingestion.market_data.
-- A mark is the later of two prices: the last bar's close, no older than a week (weekends and holidays), and the price
-- behind market_value. What lies more than 5 s ahead of the server's clock is none. Where neither is known, market_value divided by the quantity.
-- A symbol is bounded from both sides so that its last bar comes by the index of symbol and time.
WITH open AS MATERIALIZED (
    SELECT account_id, symbol, quantity, avg_price, market_value, unrealized_pnl, realized_pnl, last_updated,
           last_price, CASE WHEN last_price IS NOT NULL AND last_price_at <= now() + interval '5 s' THEN last_price_at END AS priced_at
      FROM execution.positions
     WHERE quantity > 0
     ORDER BY coalesce(market_value, quantity * avg_price) DESC, account_id, symbol
     LIMIT 1000
), bars AS MATERIALIZED (
    SELECT s.symbol, m.close, m."timestamp" AS at
      FROM (SELECT DISTINCT symbol FROM open) AS s
     CROSS JOIN LATERAL (SELECT close, "timestamp"
                           FROM data_ingestion.market_data
                          WHERE symbol >= s.symbol AND symbol <= s.symbol AND close IS NOT NULL
                            AND "timestamp" BETWEEN now() - interval '7 days' AND now() + interval '5 s'
                          ORDER BY symbol DESC, "timestamp" DESC
                          LIMIT 1) AS m
), marked AS (
    SELECT o.*, b.close, b.at, o.priced_at IS NOT NULL AND coalesce(o.priced_at > b.at, true) AS by_price
      FROM open AS o
      LEFT JOIN bars AS b USING (symbol)
)
SELECT account_id, symbol, quantity, avg_price,
       coalesce(CASE WHEN by_price THEN last_price ELSE close END, round(market_value / quantity, 4)) AS mark,
       coalesce(CASE WHEN by_price THEN priced_at ELSE at END, last_updated)                          AS mark_at,
       market_value, unrealized_pnl, realized_pnl, last_updated
  FROM marked
 ORDER BY coalesce(market_value, quantity * avg_price) DESC, account_id, symbol;
