-- Writes one-minute bars; the bar of the current minute is updated as it grows.
-- $1 symbol, $2 timestamp, $3 open, $4 high, $5 low, $6 close, $7 volume; arrays.
-- Rights: INSERT, UPDATE and SELECT on data_ingestion.market_data.
INSERT INTO data_ingestion.market_data AS m (symbol, timestamp, open, high, low, close, volume)
SELECT r.symbol, r.at, r.open, r.high, r.low, r.close, r.volume
  FROM unnest($1::text[], $2::timestamptz[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::bigint[])
       AS r (symbol, at, open, high, low, close, volume)
 ORDER BY r.symbol, r.at
    ON CONFLICT (symbol, timestamp) DO UPDATE
   SET high = greatest(m.high, excluded.high), low = least(m.low, excluded.low), close = excluded.close,
       volume = greatest(m.volume, excluded.volume);
