-- Log lines of the last ten minutes by service and level, of the last 20,000; and errors and critical lines of the hour before,
-- of the last 5,000 of each level: what is usual. Of these the last line, too.
-- No parameters. Rights: SELECT on logging.system_logs.
WITH recent AS (
    SELECT service, level, count(*) AS n
      FROM (SELECT service, level
              FROM logging.system_logs
             WHERE "timestamp" BETWEEN now() - interval '10 minutes' AND now() + interval '5 s'
             ORDER BY "timestamp" DESC
             LIMIT 20000) AS last
     GROUP BY service, level
), bad AS (
    SELECT e.id, e.service, e.level, e."timestamp" AS at
      FROM (VALUES ('ERROR'), ('CRITICAL')) AS l (level)
     CROSS JOIN LATERAL (SELECT id, service, level::text, "timestamp"
                           FROM logging.system_logs
                          WHERE level = l.level AND "timestamp" BETWEEN now() - interval '70 minutes' AND now() + interval '5 s'
                          ORDER BY "timestamp" DESC
                          LIMIT 5000) AS e
), bad_counts AS (
    SELECT service, level, count(*) FILTER (WHERE at > now() - interval '5 minutes') AS last_minutes,
           count(*) FILTER (WHERE at > now() - interval '1 minute') AS last_minute,
           count(*) FILTER (WHERE at <= now() - interval '10 minutes') AS hour_before, max(at) AS last_at,
           (array_agg(id ORDER BY at DESC, id DESC))[1] AS last_id
      FROM bad
     GROUP BY service, level
)
SELECT service, level::text, coalesce(r.n, 0)::integer AS lines, coalesce(b.last_minutes, 0)::integer AS last_minutes,
       coalesce(b.last_minute, 0)::integer AS last_minute, coalesce(b.hour_before, 0)::integer AS hour_before, b.last_at,
       b.last_id, (SELECT left(message, 200) FROM logging.system_logs AS s WHERE s.id = b.last_id) AS last_message
  FROM recent AS r
  FULL JOIN bad_counts AS b USING (service, level)
 ORDER BY service, array_position('{CRITICAL,ERROR,WARNING,INFO,DEBUG}', level::text)
 LIMIT 200;
