-- Keeps the newest of each position in the portfolio's view; of equal times the larger.
-- Parameters, text arrays: $1 account, $2 symbol, $3 quantity, $4 average price, $5 as of. Returns the positions that are now
-- the newest. lock_pairs.sql comes before it where the same transaction settles trades.
-- Rights: SELECT, INSERT, UPDATE on analytics.portfolio_summary.
INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, quantity, avg_price, position_at, last_updated)
SELECT account_id, symbol, quantity::numeric, avg_price::numeric, position_at::timestamptz, now()
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS v(account_id, symbol, quantity, avg_price, position_at)
 ORDER BY account_id, symbol
    ON CONFLICT (account_id, symbol) DO UPDATE
   SET (quantity, avg_price, position_at) = (
           SELECT quantity, avg_price, position_at
             FROM (VALUES (excluded.quantity, excluded.avg_price, excluded.position_at),
                          (p.quantity, p.avg_price, p.position_at)) AS either(quantity, avg_price, position_at)
            ORDER BY position_at DESC NULLS LAST, quantity DESC, avg_price DESC LIMIT 1),
       last_updated = now()
 WHERE p.position_at IS NULL OR p.position_at <= excluded.position_at
RETURNING account_id, symbol
