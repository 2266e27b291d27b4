-- Writes log lines. $1 timestamp, $2 service, $3 level, $4 event_type, $5 message, $6 correlation_id, $7 context as JSON;
-- arrays. Rights: INSERT on logging.system_logs and USAGE on its sequence.
INSERT INTO logging.system_logs (timestamp, service, level, event_type, message, correlation_id, context)
SELECT r.at, r.service, r.level, r.event_type, r.message, r.correlation_id, r.context::jsonb
  FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
       AS r (at, service, level, event_type, message, correlation_id, context)
 ORDER BY r.at;
