-- Takes prices that the bus did not bring from market data: the newest bar of each symbol, as of the time when its row
-- was written, which can be compared with an event's own time. Bars that lie further ahead of the database's clock than the
-- setting tradetop.clock_ahead allows (default 5 s) are left out; a stored price that lies there gives way.
-- Parameters: $1 the oldest bar that counts (NULL: no bound). Returns the symbols whose mark changed.
-- Rights: SELECT on data_ingestion.market_data; SELECT, INSERT, UPDATE on analytics.sync_marks.
WITH latest AS MATERIALIZED (
    SELECT clock_timestamp() + coalesce(nullif(current_setting('tradetop.clock_ahead', true), ''), '5s')::interval AS at
)
INSERT INTO analytics.sync_marks AS m (symbol, price, marked_at)
SELECT DISTINCT ON (symbol) symbol, close, coalesce(created_at, timestamp)
  FROM data_ingestion.market_data
 WHERE close IS NOT NULL AND ($1::timestamptz IS NULL OR timestamp >= $1::timestamptz)
   AND greatest(timestamp, created_at) <= (SELECT at FROM latest)
 ORDER BY symbol, timestamp DESC
    ON CONFLICT (symbol) DO UPDATE
   SET price = excluded.price, marked_at = excluded.marked_at, updated_at = now()
 WHERE (m.marked_at, m.price) < (excluded.marked_at, excluded.price) OR m.marked_at > (SELECT at FROM latest)
RETURNING m.symbol
