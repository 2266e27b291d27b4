-- Keeps the newest of each position in the portfolio's view; of equal times the larger. A position is refused whose time lies
-- further ahead of the database's clock than the setting tradetop.clock_ahead allows (default 5 s): it would win for ever. A
-- stored one that lies there gives way to any other.
-- Parameters, text arrays: $1 account, $2 symbol, $3 quantity, $4 average price, $5 as of. Returns the positions that are now
-- the newest, and `ahead` those that are refused, with their times. lock_pairs.sql comes before it where the same transaction
-- settles trades.
-- Rights: SELECT, INSERT, UPDATE on analytics.portfolio_summary.
WITH latest AS MATERIALIZED (
    SELECT clock_timestamp() + coalesce(nullif(current_setting('tradetop.clock_ahead', true), ''), '5s')::interval AS at
), given AS MATERIALIZED (
    SELECT account_id, symbol, quantity::numeric, avg_price::numeric, position_at AS told, position_at::timestamptz,
           position_at::timestamptz > latest.at AS ahead
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
        AS v(account_id, symbol, quantity, avg_price, position_at), latest
), newest AS (
    INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, quantity, avg_price, position_at, last_updated)
    SELECT DISTINCT ON (account_id, symbol) account_id, symbol, quantity, avg_price, position_at, now()
      FROM given WHERE NOT ahead
     ORDER BY account_id, symbol, position_at DESC, quantity DESC, avg_price DESC
        ON CONFLICT (account_id, symbol) DO UPDATE
       SET (quantity, avg_price, position_at) = (
               SELECT quantity, avg_price, position_at
                 FROM (VALUES (excluded.quantity, excluded.avg_price, excluded.position_at),
                              (p.quantity, p.avg_price, CASE WHEN p.position_at <= (SELECT at FROM latest) THEN p.position_at END))
                   AS either(quantity, avg_price, position_at)
                ORDER BY position_at DESC NULLS LAST, quantity DESC, avg_price DESC LIMIT 1),
           last_updated = now()
     WHERE p.position_at IS NULL OR p.position_at <= excluded.position_at OR p.position_at > (SELECT at FROM latest)
    RETURNING account_id, symbol
)
SELECT account_id, symbol, NULL AS ahead FROM newest
 UNION ALL
SELECT account_id, symbol, told FROM given WHERE ahead
