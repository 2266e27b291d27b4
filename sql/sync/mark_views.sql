-- Marks the portfolio's views of positions to the last prices, as mark_positions.sql does the positions themselves. It is a
-- transaction of its own, since trades need these rows: nothing that delays the positions' marking may keep them locked.
-- Parameters: $1 ids in portfolio_summary. Returns each symbol with what was marked and what was skipped, to be tried
-- again.
-- Rights: SELECT, UPDATE on analytics.portfolio_summary; SELECT on analytics.sync_marks.
WITH due AS (
    SELECT s.id, s.symbol, s.last_price, s.last_price_at, m.price, m.marked_at
      FROM analytics.portfolio_summary AS s JOIN analytics.sync_marks AS m USING (symbol),
           LATERAL (SELECT round(s.quantity * m.price, 4) AS value) AS v,
           LATERAL (SELECT round(v.value - s.quantity * s.avg_price, 4) AS pnl) AS u
     WHERE s.id = ANY ($1::bigint[]) AND s.quantity IS NOT NULL
       AND (s.last_price, s.last_price_at, s.market_value, s.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, CASE WHEN abs(v.value) < 1e16 THEN v.value END, CASE WHEN abs(u.pnl) < 1e16 THEN u.pnl END)
), held AS (
    SELECT s.id
      FROM analytics.portfolio_summary AS s JOIN due AS d ON d.id = s.id
     WHERE (s.last_price, s.last_price_at) IS NOT DISTINCT FROM (d.last_price, d.last_price_at)
     ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED
), marked AS (
    UPDATE analytics.portfolio_summary AS s
       SET last_price = d.price, last_price_at = d.marked_at,
           (market_value, unrealized_pnl) = (
               SELECT CASE WHEN abs(value) < 1e16 THEN value END, CASE WHEN abs(pnl) < 1e16 THEN pnl END
                 FROM (SELECT round(s.quantity * d.price, 4) AS value) AS v,
                      LATERAL (SELECT round(v.value - s.quantity * s.avg_price, 4) AS pnl) AS u)
      FROM due AS d JOIN held AS h USING (id)
     WHERE s.id = d.id
    RETURNING s.id
)
SELECT d.symbol, count(m.id)::text AS marked, (count(*) - count(m.id))::text AS skipped
  FROM due AS d LEFT JOIN marked AS m USING (id)
 GROUP BY d.symbol
