-- No bar is missing between two others of its symbol while other symbols have theirs.
-- A gap is more than two and a half times the usual interval of the symbol, which is the median of the span, and less than a day:
-- the market may have been closed for longer. At least half of the symbols, and two, must have a bar within it.
-- $1: of bars since. Rights: SELECT on data_ingestion.market_data.
WITH bars AS MATERIALIZED (
    SELECT symbol, timestamp AS at, lag(timestamp) OVER (PARTITION BY symbol ORDER BY timestamp) AS before
      FROM data_ingestion.market_data
     WHERE timestamp >= $1::timestamptz AND timestamp <= now()
), usual AS MATERIALIZED (
    SELECT symbol, percentile_disc(0.5) WITHIN GROUP (ORDER BY at - before) AS step, count(*) OVER () AS symbols
      FROM bars
     WHERE before IS NOT NULL
     GROUP BY symbol
    HAVING count(*) >= 5
), gaps AS MATERIALIZED (
    SELECT b.symbol, b.before, b.at, u.step, u.symbols
      FROM bars AS b
      JOIN usual AS u USING (symbol)
     WHERE b.at - b.before > 2.5 * u.step AND b.at - b.before < interval '1 day'
     ORDER BY b.before, b.symbol
     LIMIT 200
)
SELECT g.symbol || ' after ' || (g.before AT TIME ZONE 'UTC') AS row_key, g.symbol, g.before AS row_at, 'warning' AS severity,
       'a bar every ' || g.step AS expected, 'none for ' || (g.at - g.before) AS actual,
       'Bars are missing that other symbols have.' AS message
  FROM gaps AS g
 WHERE (SELECT count(DISTINCT o.symbol) FROM bars AS o
         WHERE o.at > g.before AND o.at < g.at AND o.symbol <> g.symbol) >= greatest(g.symbols / 2.0, 2)
 ORDER BY g.before, g.symbol;
