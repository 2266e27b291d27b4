-- Takes prices that the bus did not bring from market data: the newest bar of each symbol, as of the time when its row
-- was written, which can be compared with an event's own time.
-- Parameters: $1 the oldest bar that counts (NULL: no bound). Returns the symbols whose mark changed.
-- Rights: SELECT on data_ingestion.market_data; SELECT, INSERT, UPDATE on analytics.sync_marks.
INSERT INTO analytics.sync_marks AS m (symbol, price, marked_at)
SELECT DISTINCT ON (symbol) symbol, close, coalesce(created_at, timestamp)
  FROM data_ingestion.market_data
 WHERE close IS NOT NULL AND ($1::timestamptz IS NULL OR timestamp >= $1::timestamptz)
 ORDER BY symbol, timestamp DESC
    ON CONFLICT (symbol) DO UPDATE
   SET price = excluded.price, marked_at = excluded.marked_at, updated_at = now()
 WHERE (m.marked_at, m.price) < (excluded.marked_at, excluded.price)
RETURNING m.symbol
