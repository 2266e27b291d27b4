-- Says how the source does, symbol by symbol. A symbol of which this run has brought no bar has the last one of the table. A bar
-- is late after two and a quarter intervals, counted from its start.
-- $1 source, $2 seconds from bar to bar, $3 why bars cannot be written or NULL, $4 symbol, $5 start of the last bar or NULL;
-- $4 and $5 are arrays.
-- Rights: INSERT, UPDATE and SELECT on data_ingestion.ingestion_status, SELECT on data_ingestion.market_data.
WITH known AS (
    SELECT r.symbol, coalesce(r.at, (SELECT max(m.timestamp) FROM data_ingestion.market_data AS m WHERE m.symbol = r.symbol)) AS at
      FROM unnest($4::text[], $5::timestamptz[]) AS r (symbol, at)
)
INSERT INTO data_ingestion.ingestion_status AS s (source, symbol, last_bar_at, expected_seconds, state, error)
SELECT $1::text, k.symbol, k.at, $2::integer, CASE WHEN $3::text IS NOT NULL THEN 'error'
                                    WHEN k.at >= now() - 2.25 * $2::integer * interval '1 second' THEN 'ok' ELSE 'late' END, $3::text
  FROM known AS k
 ORDER BY k.symbol
    ON CONFLICT (source, symbol) DO UPDATE
   SET last_bar_at = greatest(s.last_bar_at, excluded.last_bar_at), expected_seconds = excluded.expected_seconds,
       state = excluded.state, error = excluded.error, checked_at = now(),
       state_since = CASE WHEN s.state = excluded.state THEN s.state_since ELSE now() END;
