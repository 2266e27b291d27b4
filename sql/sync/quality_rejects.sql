-- One effect: writes the kinds of messages that the bus brought and no event could be made of, each once, with its last example, and
-- closes those of which none came for an hour.
-- $1 reason, $2 level, $3 channel, $4 time of the last one, $5 what is wrong with it; arrays, each reason and channel once.
-- Rights: SELECT, INSERT and UPDATE on data_ingestion.data_quality_logs.
WITH seen AS MATERIALIZED (
    SELECT 'bus_' || reason AS rule, level, channel, at, detail
      FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) AS s (reason, level, channel, at, detail)
), written AS (
    INSERT INTO data_ingestion.data_quality_logs AS q (check_name, level, row_key, bar_timestamp, severity, actual, message, source)
    SELECT s.rule, s.level, s.channel, s.at, 'error', left(s.detail, 500), left('A message was rejected: ' || s.detail, 500), s.channel
      FROM seen AS s
     ORDER BY s.rule, s.channel
        ON CONFLICT (check_name, row_key) DO UPDATE
       SET resolved_at = CASE WHEN q.resolved_by IS NULL THEN NULL ELSE q.resolved_at END, timestamp = now(),
           bar_timestamp = greatest(q.bar_timestamp, excluded.bar_timestamp), actual = excluded.actual, message = excluded.message,
           occurrences = q.occurrences + CASE WHEN q.resolved_at IS NULL THEN 0 ELSE 1 END
    RETURNING q.id
)
UPDATE data_ingestion.data_quality_logs AS q
   SET resolved_at = now()
 WHERE q.level IN ('envelope', 'type') AND q.check_name LIKE 'bus\_%' AND q.resolved_at IS NULL
   AND q.bar_timestamp < now() - interval '1 hour' AND q.id NOT IN (SELECT id FROM written)
