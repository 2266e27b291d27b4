-- Marks positions to the last prices: market value round(quantity × price, 4), and unrealised P&L, which is that less
-- quantity × average price, rounded to 4 as well. A figure that is too large for its column becomes NULL, so that one
-- position's size stops no other's marking. Skips rows that another transaction has locked, or has marked since this
-- statement began, so that it never waits for a service and never puts an older price over a newer one. The position's
-- version and last_updated stay its service's own.
-- Parameters: $1 ids of positions. Returns each symbol with what was marked and what was skipped, to be tried again.
-- Rights: SELECT, UPDATE (market_value, unrealized_pnl, last_price, last_price_at) on execution.positions; SELECT on
-- analytics.sync_marks.
WITH due AS (
    SELECT p.id, p.symbol, p.last_price, p.last_price_at, m.price, m.marked_at
      FROM execution.positions AS p JOIN analytics.sync_marks AS m USING (symbol),
           LATERAL (SELECT round(p.quantity * m.price, 4) AS value) AS v,
           LATERAL (SELECT round(v.value - p.quantity * p.avg_price, 4) AS pnl) AS u
     WHERE p.id = ANY ($1::bigint[])
       AND (p.last_price, p.last_price_at, p.market_value, p.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, CASE WHEN abs(v.value) < 1e11 THEN v.value END, CASE WHEN abs(u.pnl) < 1e11 THEN u.pnl END)
), held AS (
    SELECT p.id
      FROM execution.positions AS p JOIN due AS d ON d.id = p.id
     WHERE (p.last_price, p.last_price_at) IS NOT DISTINCT FROM (d.last_price, d.last_price_at)
     ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED
), marked AS (
    UPDATE execution.positions AS p
       SET last_price = d.price, last_price_at = d.marked_at,
           (market_value, unrealized_pnl) = (
               SELECT CASE WHEN abs(value) < 1e11 THEN value END, CASE WHEN abs(pnl) < 1e11 THEN pnl END
                 FROM (SELECT round(p.quantity * d.price, 4) AS value) AS v,
                      LATERAL (SELECT round(v.value - p.quantity * p.avg_price, 4) AS pnl) AS u)
      FROM due AS d JOIN held AS h USING (id)
     WHERE p.id = d.id
    RETURNING p.id
)
SELECT d.symbol, count(m.id)::text AS marked, (count(*) - count(m.id))::text AS skipped
  FROM due AS d LEFT JOIN marked AS m USING (id)
 GROUP BY d.symbol
