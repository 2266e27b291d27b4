-- Log lines by their correlation ids, also archived ones; the newest 50, the oldest first. Parameters: $1 correlation ids, an
-- array. Rights: SELECT on logging.system_logs and logging.archived_system_logs.
-- Of an id with more than 5,000 lines those that were written last are looked at: a range instead of "=" lets its index be read from
-- the end.
SELECT id::text, at, service, level, event_type, message, correlation_id
  FROM (SELECT l.id, l."timestamp" AS at, l.service, l.level, l.event_type, left(l.message, 300) AS message, l.correlation_id
          FROM unnest($1::text[]) AS c (id), LATERAL (
                   (SELECT id, "timestamp", service, level, event_type, message, correlation_id
                      FROM logging.system_logs WHERE correlation_id >= c.id AND correlation_id <= c.id
                     ORDER BY correlation_id DESC LIMIT 5000)
                    UNION ALL
                   (SELECT id, "timestamp", service, level, event_type, message, correlation_id
                      FROM logging.archived_system_logs WHERE correlation_id >= c.id AND correlation_id <= c.id
                     ORDER BY correlation_id DESC LIMIT 5000)) AS l
         ORDER BY at DESC, id DESC
         LIMIT 50) AS newest
 ORDER BY at, id;
