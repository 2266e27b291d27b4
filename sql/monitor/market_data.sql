-- The last bar of each symbol that has bars of the last week, at most 500 symbols, and the usual time between its bars: the
-- median over the last twelve. What lies more than 5 s ahead of the server's clock is left out. Ages are the server's.
-- No parameters. Rights: SELECT on data_ingestion.market_data.
-- A symbol is bounded from both sides so that its bars come by the index of symbol and time: by time alone all symbols' bars are read.
WITH RECURSIVE symbols AS (
    (SELECT symbol
       FROM data_ingestion.market_data
      WHERE "timestamp" BETWEEN now() - interval '7 days' AND now() + interval '5 s'
      ORDER BY symbol
      LIMIT 1)
     UNION ALL
    SELECT (SELECT m.symbol
              FROM data_ingestion.market_data AS m
             WHERE m.symbol > s.symbol AND m."timestamp" BETWEEN now() - interval '7 days' AND now() + interval '5 s'
             ORDER BY m.symbol
             LIMIT 1)
      FROM symbols AS s
     WHERE s.symbol IS NOT NULL
), listed AS (
    SELECT symbol FROM symbols WHERE symbol IS NOT NULL LIMIT 500
)
SELECT s.symbol, b.last_at, b.close, b.volume::text AS volume, b.interval_seconds,
       extract(epoch FROM now() - b.last_at)::float8 AS age_seconds
  FROM listed AS s
 CROSS JOIN LATERAL (
       SELECT max(at) AS last_at,
              (array_agg(close ORDER BY at DESC))[1] AS close, (array_agg(volume ORDER BY at DESC))[1] AS volume,
              percentile_disc(0.5) WITHIN GROUP (ORDER BY gap) AS interval_seconds
         FROM (SELECT at, close, volume, extract(epoch FROM at - lag(at) OVER (ORDER BY at))::float8 AS gap
                 FROM (SELECT "timestamp" AS at, close, volume
                         FROM data_ingestion.market_data
                        WHERE symbol >= s.symbol AND symbol <= s.symbol
                          AND "timestamp" BETWEEN now() - interval '7 days' AND now() + interval '5 s'
                        ORDER BY symbol DESC, "timestamp" DESC
                        LIMIT 13) AS last) AS gaps) AS b
 WHERE b.last_at IS NOT NULL
 ORDER BY s.symbol;
