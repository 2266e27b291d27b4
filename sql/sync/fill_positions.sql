-- Brings the portfolio's view of positions up to their table, which is the truth: its row wins over a view that is as
-- old or older, over a newer one that has differed for 60 s (a position that was published and rolled back), and over one
-- that lies further ahead of the database's clock than the setting tradetop.clock_ahead allows (default 5 s). Rows that lie
-- there are left out.
-- Parameters: $1 account (NULL: all). Returns the accounts and symbols whose view changed.
-- Rights: SELECT on execution.positions; SELECT, INSERT, UPDATE on analytics.portfolio_summary.
WITH latest AS MATERIALIZED (
    SELECT clock_timestamp() + coalesce(nullif(current_setting('tradetop.clock_ahead', true), ''), '5s')::interval AS at
)
INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, quantity, avg_price, position_at, last_updated)
SELECT account_id, symbol, quantity, avg_price, coalesce(last_updated, created_at, 'epoch'), now()
  FROM execution.positions AS t
 WHERE ($1::text IS NULL OR account_id = $1)
   AND coalesce(last_updated, created_at, 'epoch') <= (SELECT at FROM latest)
   AND NOT EXISTS (SELECT FROM analytics.portfolio_summary AS v
                    WHERE (v.account_id, v.symbol) = (t.account_id, t.symbol)
                      AND (v.quantity, v.avg_price) = (t.quantity, t.avg_price)
                      AND v.position_at <= (SELECT at FROM latest))
 ORDER BY account_id, symbol
    ON CONFLICT (account_id, symbol) DO UPDATE
   SET quantity = excluded.quantity, avg_price = excluded.avg_price,
       position_at = excluded.position_at, last_updated = now()
 WHERE p.position_at IS NULL OR p.position_at <= excluded.position_at OR p.position_at < now() - interval '60 s'
    OR p.position_at > (SELECT at FROM latest)
RETURNING p.account_id, p.symbol
