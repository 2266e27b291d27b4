-- How the sources of bars do, symbol by symbol, at most 1,000, those in error first, then those whose last bar is the oldest by
-- their own interval. What a source stopped to report more than a day ago is left out. Ages are the server's.
-- No parameters. Rights: SELECT on data_ingestion.ingestion_status.
SELECT source, symbol, last_bar_at, expected_seconds, state, left(error, 500) AS error, state_since,
       (extract(epoch FROM now()) - extract(epoch FROM last_bar_at))::float8 AS bar_seconds,
       (extract(epoch FROM now()) - extract(epoch FROM checked_at))::float8 AS silent_seconds
  FROM data_ingestion.ingestion_status
 WHERE checked_at > now() - interval '1 day'
 ORDER BY state <> 'error', extract(epoch FROM last_bar_at) + expected_seconds, symbol, source
 LIMIT 1000;
