-- Takes over prices that the bus did not bring: each symbol's newest bar since $1 (NULL: ever), by the time its row was
-- written, which is what an event's own time is comparable with. Returns the symbols that changed.
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
