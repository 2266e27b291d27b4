-- Records the alerts that somebody sees, and ends the lives of those that nobody has seen for 30 s, as of when they were seen
-- last. Several may record at once: an alert that stands has one life, which lasts while anybody sees it. To record the same
-- again changes nothing but when it was seen.
-- Parameters: $1 by whom; arrays: $2 ids of alerts, $3 rules, $4 subjects, $5 severities, $6 texts, $7 causes, $8 the alerts
-- that cause them, $9 seconds since they began, $10 seconds since they were seen.
-- Rights: SELECT, INSERT and UPDATE on shared.alert_lives, USAGE on its sequence.
WITH seen AS MATERIALIZED (
    SELECT s.*, now() - age * interval '1 second' AS fired_at, now() - seen_age * interval '1 second' AS seen_at
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::float8[], $10::float8[])
           AS s (alert, rule, subject, severity, text, cause, caused_by, age, seen_age)
), stale AS MATERIALIZED (
    SELECT l.id
      FROM shared.alert_lives AS l
     WHERE l.cleared_at IS NULL AND l.last_seen_at < now() - interval '30 seconds'
       AND NOT EXISTS (SELECT FROM seen AS s WHERE s.alert = l.alert AND s.fired_at <= l.last_seen_at + interval '30 seconds')
       FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE shared.alert_lives SET cleared_at = last_seen_at WHERE id IN (SELECT id FROM stale)
    RETURNING 1
), recorded AS (
    INSERT INTO shared.alert_lives AS l (alert, rule, subject, severity, text, cause, caused_by, fired_at, last_seen_at, seen_by)
    SELECT s.alert, s.rule, s.subject, s.severity, s.text, s.cause, s.caused_by, least(s.fired_at, s.seen_at), s.seen_at, $1::text
      FROM seen AS s
     WHERE (SELECT count(*) FROM ended) >= 0
     ORDER BY s.alert
        ON CONFLICT (alert) WHERE cleared_at IS NULL DO UPDATE
       SET severity = CASE WHEN 'crit' IN (l.severity, excluded.severity) THEN 'crit' ELSE 'warn' END,
           text = excluded.text, cause = coalesce(excluded.cause, l.cause), caused_by = excluded.caused_by,
           fired_at = least(l.fired_at, excluded.fired_at), last_seen_at = greatest(l.last_seen_at, excluded.last_seen_at)
    RETURNING 1
)
SELECT (SELECT count(*) FROM recorded)::integer AS recorded, (SELECT count(*) FROM ended)::integer AS ended;
