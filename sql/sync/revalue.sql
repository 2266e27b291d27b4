-- Marks positions, and the portfolio's view of them, to the last prices: market value round(quantity × price, 4), and
-- unrealised P&L, which is that less quantity × average price, rounded to 4 as well. A figure that is too large for its
-- column becomes NULL, so that one position's size stops no other's marking. Skips rows that another transaction has
-- locked, so that it never waits for a service; `left` counts them, to be tried again. The position's version and
-- last_updated stay its service's own.
-- Parameters: $1 symbols, a text array (NULL: all). Returns the positions and views that were marked, and `left`.
-- Rights: SELECT, UPDATE (market_value, unrealized_pnl, last_price, last_price_at) on execution.positions; SELECT on
-- analytics.sync_marks; SELECT, UPDATE on analytics.portfolio_summary.
WITH due AS (
    SELECT p.id, m.price, m.marked_at
      FROM execution.positions AS p JOIN analytics.sync_marks AS m USING (symbol),
           LATERAL (SELECT round(p.quantity * m.price, 4) AS value) AS v,
           LATERAL (SELECT round(v.value - p.quantity * p.avg_price, 4) AS pnl) AS u
     WHERE ($1::text[] IS NULL OR p.symbol = ANY ($1::text[]))
       AND (p.last_price, p.last_price_at, p.market_value, p.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, CASE WHEN abs(v.value) < 1e11 THEN v.value END, CASE WHEN abs(u.pnl) < 1e11 THEN u.pnl END)
), held AS (
    SELECT p.id FROM execution.positions AS p WHERE p.id IN (SELECT id FROM due) ORDER BY p.id FOR UPDATE SKIP LOCKED
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
), due_view AS (
    SELECT s.id, m.price, m.marked_at
      FROM analytics.portfolio_summary AS s JOIN analytics.sync_marks AS m USING (symbol),
           LATERAL (SELECT round(s.quantity * m.price, 4) AS value) AS v,
           LATERAL (SELECT round(v.value - s.quantity * s.avg_price, 4) AS pnl) AS u
     WHERE ($1::text[] IS NULL OR s.symbol = ANY ($1::text[])) AND s.quantity IS NOT NULL
       AND (s.last_price, s.last_price_at, s.market_value, s.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, CASE WHEN abs(v.value) < 1e16 THEN v.value END, CASE WHEN abs(u.pnl) < 1e16 THEN u.pnl END)
), held_view AS (
    SELECT s.id FROM analytics.portfolio_summary AS s
     WHERE s.id IN (SELECT id FROM due_view) ORDER BY s.id FOR UPDATE SKIP LOCKED
), marked_view AS (
    UPDATE analytics.portfolio_summary AS s
       SET last_price = d.price, last_price_at = d.marked_at,
           (market_value, unrealized_pnl) = (
               SELECT CASE WHEN abs(value) < 1e16 THEN value END, CASE WHEN abs(pnl) < 1e16 THEN pnl END
                 FROM (SELECT round(s.quantity * d.price, 4) AS value) AS v,
                      LATERAL (SELECT round(v.value - s.quantity * s.avg_price, 4) AS pnl) AS u)
      FROM due_view AS d JOIN held_view AS h USING (id)
     WHERE s.id = d.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM marked)::integer AS positions,
       (SELECT count(*) FROM marked_view)::integer AS views,
       ((SELECT count(*) FROM due) - (SELECT count(*) FROM marked)
        + (SELECT count(*) FROM due_view) - (SELECT count(*) FROM marked_view))::integer AS left
