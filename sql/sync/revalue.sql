-- Marks positions, and the portfolio's view of them, to the last prices of symbols $1 (text array; NULL: of every
-- symbol): market value round(quantity × price, 4), unrealised P&L that less quantity × average price,
-- rounded to 4 as well. Rows that
-- someone else holds are passed over, so that a service's transaction on a position is never waited for; `left` counts
-- them, to be tried again. The position's version and last_updated stay its service's own.
-- Rights: SELECT, UPDATE (market_value, unrealized_pnl, last_price, last_price_at) on execution.positions; SELECT on analytics.sync_marks;
-- SELECT, UPDATE on analytics.portfolio_summary.
WITH due AS (
    SELECT p.id, m.price, m.marked_at
      FROM execution.positions AS p JOIN analytics.sync_marks AS m USING (symbol)
     WHERE ($1::text[] IS NULL OR p.symbol = ANY ($1::text[]))
       AND (p.last_price, p.last_price_at, p.market_value, p.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, round(p.quantity * m.price, 4),
            round(round(p.quantity * m.price, 4) - p.quantity * p.avg_price, 4))
), held AS (
    SELECT p.id FROM execution.positions AS p WHERE p.id IN (SELECT id FROM due) ORDER BY p.id FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE execution.positions AS p
       SET last_price = d.price, last_price_at = d.marked_at, market_value = round(p.quantity * d.price, 4),
           unrealized_pnl = round(round(p.quantity * d.price, 4) - p.quantity * p.avg_price, 4)
      FROM due AS d JOIN held AS h USING (id)
     WHERE p.id = d.id
    RETURNING p.id
), due_view AS (
    SELECT v.id, m.price, m.marked_at
      FROM analytics.portfolio_summary AS v JOIN analytics.sync_marks AS m USING (symbol)
     WHERE ($1::text[] IS NULL OR v.symbol = ANY ($1::text[])) AND v.quantity IS NOT NULL
       AND (v.last_price, v.last_price_at, v.market_value, v.unrealized_pnl) IS DISTINCT FROM
           (m.price, m.marked_at, round(v.quantity * m.price, 4),
            round(round(v.quantity * m.price, 4) - v.quantity * v.avg_price, 4))
), held_view AS (
    SELECT v.id FROM analytics.portfolio_summary AS v
     WHERE v.id IN (SELECT id FROM due_view) ORDER BY v.id FOR UPDATE SKIP LOCKED
), marked_view AS (
    UPDATE analytics.portfolio_summary AS v
       SET last_price = d.price, last_price_at = d.marked_at, market_value = round(v.quantity * d.price, 4),
           unrealized_pnl = round(round(v.quantity * d.price, 4) - v.quantity * v.avg_price, 4)
      FROM due_view AS d JOIN held_view AS h USING (id)
     WHERE v.id = d.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM marked)::integer AS positions,
       (SELECT count(*) FROM marked_view)::integer AS views,
       ((SELECT count(*) FROM due) - (SELECT count(*) FROM marked)
        + (SELECT count(*) FROM due_view) - (SELECT count(*) FROM marked_view))::integer AS left
