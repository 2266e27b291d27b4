-- The span of a report, in the database's clock: a day of the desk's, or the time up to now. The desk's days are those of the
-- time zone in the setting desk.timezone, else UTC's. over: nothing is executed in it any more.
-- Parameters: $1 the day, $2 days back from today, $3 seconds back from now; two of them NULL.
-- Rights: SELECT on shared.system_config.
WITH zone AS (
    SELECT coalesce((SELECT value #>> '{}' FROM shared.system_config WHERE key = 'desk.timezone'), 'UTC') AS name
), asked AS (
    SELECT name, coalesce($1::date, (now() AT TIME ZONE name)::date - $2::integer) AS day FROM zone
), span AS (
    SELECT name, day,
           CASE WHEN day IS NULL THEN now() - $3::float8 * interval '1 second'
                ELSE day::timestamp AT TIME ZONE name END                             AS from_at,
           CASE WHEN day IS NULL THEN now() ELSE (day + 1)::timestamp AT TIME ZONE name END AS to_at
      FROM asked
)
SELECT name AS time_zone, day::text AS day, from_at, to_at, to_at <= now() AS over, now() AS at FROM span;
