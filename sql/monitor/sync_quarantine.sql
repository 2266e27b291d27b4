-- Events that the synchroniser could not apply and has set aside, the newest first, at most 50. No parameters.
-- Rights: SELECT on analytics.sync_quarantine.
SELECT id::text, kind, left(event_key, 200) AS key, left(event::text, 2000) AS event, sqlstate,
       left(reason, 1000) AS reason, attempts, first_at, last_at
  FROM analytics.sync_quarantine AS q
 WHERE resolved_at IS NULL
 ORDER BY q.id DESC
 LIMIT 50;
