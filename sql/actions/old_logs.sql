-- The log lines to be archived: those written before a time. $1: its age in days, or null where $2 is the time itself.
-- Rights: SELECT on logging.system_logs; `may` is whether this role may move them.
WITH cut AS (
    SELECT coalesce($2::timestamptz, now() - make_interval(days => $1)) AS at
)
SELECT cut.at::text       AS cutoff,
       count(l.id)        AS lines,
       min(l.created_at)::text AS oldest,
       has_table_privilege('logging.system_logs', 'DELETE')
           AND has_table_privilege('logging.system_logs', 'UPDATE')
           AND has_table_privilege('logging.archived_system_logs', 'INSERT') AS may
FROM cut
LEFT JOIN logging.system_logs AS l ON l.created_at < cut.at
GROUP BY cut.at;
