-- What the ingestion found wrong with data of the last day and nobody has mended, by symbol: how much, how bad, and the last
-- finding. Of the last 1,000 findings, at most 500 symbols; those without a symbol are one group.
-- No parameters. Rights: SELECT on data_ingestion.data_quality_logs.
WITH open AS MATERIALIZED (
    SELECT "timestamp" AS at, symbol, source, check_name, severity, left(message, 500) AS message
      FROM data_ingestion.data_quality_logs
     WHERE "timestamp" > now() - interval '1 day' AND resolved_at IS NULL
     ORDER BY "timestamp" DESC
     LIMIT 1000
)
SELECT symbol, count(*)::integer AS findings,
       (array_agg(severity::text ORDER BY array_position('{critical,error,warning,info}', severity::text)))[1] AS severity,
       (array_agg(source ORDER BY at DESC))[1]     AS source,
       (array_agg(check_name ORDER BY at DESC))[1] AS check_name,
       (array_agg(message ORDER BY at DESC))[1]    AS message,
       max(at)                                     AS at
  FROM open
 GROUP BY symbol
 ORDER BY symbol NULLS FIRST
 LIMIT 500;
