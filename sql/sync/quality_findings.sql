-- One effect: writes what a rule has found, each finding once, and closes those of the rule that it finds no longer. A finding that
-- was closed so is opened again when it is found again; one that somebody has resolved stays resolved.
-- $1 rule, $2 level, $3 since when the rule looked at rows: older findings are left as they are; NULL: closes none;
-- $4 row_key, $5 symbol, $6 time of the row, $7 severity, $8 expected, $9 actual, $10 message; arrays.
-- Returns how many were opened and closed.
-- Rights: SELECT, INSERT and UPDATE on data_ingestion.data_quality_logs.
WITH found AS MATERIALIZED (
    SELECT left(row_key, 300) AS row_key, left(symbol, 20) AS symbol, row_at, severity, left(expected, 500) AS expected,
           left(actual, 500) AS actual, left(message, 500) AS message
      FROM unnest($4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[])
           AS f (row_key, symbol, row_at, severity, expected, actual, message)
), opened AS (
    INSERT INTO data_ingestion.data_quality_logs AS q
           (check_name, level, row_key, symbol, bar_timestamp, severity, expected, actual, message, source)
    SELECT $1, $2, f.row_key, f.symbol, f.row_at, f.severity, f.expected, f.actual, f.message, 'tradetop sync'
      FROM found AS f
     ORDER BY f.row_key
        ON CONFLICT (check_name, row_key) DO UPDATE
       SET resolved_at = NULL, timestamp = now(), severity = excluded.severity, expected = excluded.expected, actual = excluded.actual,
           message = excluded.message, bar_timestamp = excluded.bar_timestamp, occurrences = q.occurrences + 1
     WHERE q.resolved_at IS NOT NULL AND q.resolved_by IS NULL
    RETURNING q.id
), closed AS (
    UPDATE data_ingestion.data_quality_logs AS q
       SET resolved_at = now()
     WHERE q.check_name = $1 AND q.row_key IS NOT NULL AND q.resolved_at IS NULL AND q.bar_timestamp >= $3::timestamptz
       AND NOT EXISTS (SELECT FROM found AS f WHERE f.row_key = q.row_key)
    RETURNING q.id
)
SELECT (SELECT count(*) FROM opened)::integer AS opened, (SELECT count(*) FROM closed)::integer AS closed
