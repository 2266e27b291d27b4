-- Brings the portfolio's view of positions up to their table, which is the truth: its row wins over a view that is as
-- old or older, and over a newer one that has differed for 60 s (a position that was published and rolled back).
-- Parameters: $1 account (NULL: all). Returns the symbols whose view changed.
-- Rights: SELECT on execution.positions; SELECT, INSERT, UPDATE on analytics.portfolio_summary.
INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, quantity, avg_price, position_at, last_updated)
SELECT account_id, symbol, quantity, avg_price, coalesce(last_updated, created_at, 'epoch'), now()
  FROM execution.positions AS t
 WHERE ($1::text IS NULL OR account_id = $1)
   AND NOT EXISTS (SELECT FROM analytics.portfolio_summary AS v
                    WHERE (v.account_id, v.symbol) = (t.account_id, t.symbol)
                      AND (v.quantity, v.avg_price) = (t.quantity, t.avg_price))
 ORDER BY account_id, symbol
    ON CONFLICT (account_id, symbol) DO UPDATE
   SET quantity = excluded.quantity, avg_price = excluded.avg_price,
       position_at = excluded.position_at, last_updated = now()
 WHERE p.position_at IS NULL OR p.position_at <= excluded.position_at OR p.position_at < now() - interval '60 s'
RETURNING p.symbol
