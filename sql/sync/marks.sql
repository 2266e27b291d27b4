-- Keeps the newest price of each symbol; of equal times the larger. A price is refused whose time lies further ahead of the
-- database's clock than the setting tradetop.clock_ahead allows (default 5 s): it would win for ever. A stored one that lies
-- there gives way to any other.
-- Parameters, text arrays: $1 symbol, $2 price, $3 as of. Returns the symbols whose mark changed, and `ahead` the symbols and
-- times of prices that are refused.
-- Rights: SELECT, INSERT, UPDATE on analytics.sync_marks.
WITH latest AS MATERIALIZED (
    SELECT clock_timestamp() + coalesce(nullif(current_setting('tradetop.clock_ahead', true), ''), '5s')::interval AS at
), given AS MATERIALIZED (
    SELECT symbol, price::numeric, marked_at AS told, marked_at::timestamptz, marked_at::timestamptz > latest.at AS ahead
      FROM unnest($1::text[], $2::text[], $3::text[]) AS n(symbol, price, marked_at), latest
), newest AS (
    INSERT INTO analytics.sync_marks AS m (symbol, price, marked_at)
    SELECT DISTINCT ON (symbol) symbol, price, marked_at
      FROM given WHERE NOT ahead
     ORDER BY symbol, marked_at DESC, price DESC
        ON CONFLICT (symbol) DO UPDATE
       SET price = excluded.price, marked_at = excluded.marked_at, updated_at = now()
     WHERE (m.marked_at, m.price) < (excluded.marked_at, excluded.price) OR m.marked_at > (SELECT at FROM latest)
    RETURNING m.symbol
)
SELECT symbol, NULL AS ahead FROM newest
 UNION ALL
SELECT symbol, told FROM given WHERE ahead
