-- Finds what is due to be marked: positions, and the portfolio's views of them, that differ from what their quantity and
-- the last price of their symbol come to. It locks nothing. Its two conditions are those of mark_positions.sql and
-- mark_views.sql.
-- Parameters: $1 symbols, a text array (NULL: all); $2 and $3 the last position and the last view of the page before (NULL:
-- the first page); $4 most rows of each kind. Returns for each kind, the views first, its ids in order, as an array, and
-- how many rows of both kinds are due from here on; a kind of which nothing is due has no row.
-- Rights: SELECT on execution.positions, analytics.sync_marks, analytics.portfolio_summary.
WITH due AS (
    SELECT 'positions' AS kind, p.id
      FROM execution.positions AS p JOIN analytics.sync_marks AS m USING (symbol),
           LATERAL (SELECT round(p.quantity * m.price, 4) AS value) AS v,
           LATERAL (SELECT round(v.value - p.quantity * p.avg_price, 4) AS pnl) AS u
     WHERE ($1::text[] IS NULL OR p.symbol = ANY ($1::text[])) AND ($2::bigint IS NULL OR p.id > $2::bigint)
       AND (p.last_price, p.last_price_at, p.market_value, p.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, CASE WHEN abs(v.value) < 1e11 THEN v.value END, CASE WHEN abs(u.pnl) < 1e11 THEN u.pnl END)
     UNION ALL
    SELECT 'views', s.id
      FROM analytics.portfolio_summary AS s JOIN analytics.sync_marks AS m USING (symbol),
           LATERAL (SELECT round(s.quantity * m.price, 4) AS value) AS v,
           LATERAL (SELECT round(v.value - s.quantity * s.avg_price, 4) AS pnl) AS u
     WHERE ($1::text[] IS NULL OR s.symbol = ANY ($1::text[])) AND ($3::bigint IS NULL OR s.id > $3::bigint)
       AND s.quantity IS NOT NULL
       AND (s.last_price, s.last_price_at, s.market_value, s.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, CASE WHEN abs(v.value) < 1e16 THEN v.value END, CASE WHEN abs(u.pnl) < 1e16 THEN u.pnl END)
), numbered AS (
    SELECT kind, id, row_number() OVER (PARTITION BY kind ORDER BY id) AS n, count(*) OVER () AS due FROM due
)
SELECT kind, array_agg(id ORDER BY id)::text AS ids, max(due)::text AS due
  FROM numbered
 WHERE n <= $4::integer
 GROUP BY kind
 ORDER BY kind DESC
