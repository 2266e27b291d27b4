-- The open positions with their marks, the largest first, at most 1,000.
-- No parameters. Rights: SELECT on execution.positions and data_ingestion.market_data.
-- A mark is the later of two prices: the last bar's close, no older than a week (weekends and holidays), and the price
-- behind market_value. What lies more than 5 s ahead of the server's clock is none. Where neither is known, market_value divided by the quantity.
WITH open AS MATERIALIZED (
    SELECT account_id, symbol, quantity, avg_price, market_value, unrealized_pnl, realized_pnl, last_updated,
           last_price, last_price_at
      FROM execution.positions
     WHERE quantity > 0
     ORDER BY coalesce(market_value, quantity * avg_price) DESC, account_id, symbol
     LIMIT 1000
), bars AS MATERIALIZED (
    SELECT s.symbol, m.close, m."timestamp"
      FROM (SELECT DISTINCT symbol FROM open) AS s
     CROSS JOIN LATERAL (SELECT close, "timestamp"
                           FROM data_ingestion.market_data
                          WHERE symbol = s.symbol AND close IS NOT NULL
                            AND "timestamp" BETWEEN now() - interval '7 days' AND now() + interval '5 s'
                          ORDER BY "timestamp" DESC
                          LIMIT 1) AS m
)
SELECT o.account_id, o.symbol, o.quantity, o.avg_price,
       coalesce(m.price, round(o.market_value / o.quantity, 4))  AS mark,
       coalesce(m.at, o.last_updated)                            AS mark_at,
       o.market_value, o.unrealized_pnl, o.realized_pnl, o.last_updated
  FROM open AS o
  LEFT JOIN bars AS b USING (symbol)
  LEFT JOIN LATERAL (SELECT price, at
                       FROM (VALUES (b.close, b."timestamp"), (o.last_price, o.last_price_at)) AS known (price, at)
                      WHERE price IS NOT NULL AND at <= now() + interval '5 s'
                      ORDER BY at DESC
                      LIMIT 1) AS m ON true
 ORDER BY coalesce(o.market_value, o.quantity * o.avg_price) DESC, o.account_id, o.symbol;
