-- Keeps the newest price of each symbol.
-- Parameters, text arrays: $1 symbol, $2 price, $3 as of. Returns the symbols whose mark changed.
-- Rights: SELECT, INSERT, UPDATE on analytics.sync_marks.
INSERT INTO analytics.sync_marks AS m (symbol, price, marked_at)
SELECT symbol, price::numeric, marked_at::timestamptz
  FROM unnest($1::text[], $2::text[], $3::text[]) AS n(symbol, price, marked_at)
 ORDER BY symbol
    ON CONFLICT (symbol) DO UPDATE
   SET price = excluded.price, marked_at = excluded.marked_at, updated_at = now()
 WHERE (m.marked_at, m.price) < (excluded.marked_at, excluded.price)
RETURNING m.symbol
