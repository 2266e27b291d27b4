-- No gap of the synchroniser stays open.
-- order: 143
-- severity: warn
-- every: minute
-- why: Events may have been missed in that span, and analytics may lack their trades until it is filled.
-- remedy: It is filled by tradetop sync; check that it runs. Where an older transaction holds it up, end that session.
-- rights: SELECT on analytics.sync_gaps
--
-- Gaps that ended more than ten minutes ago.
SELECT id, worker, reason, started_at, ended_at, passes, error
FROM analytics.sync_gaps
WHERE filled_at IS NULL AND ended_at < now() - interval '10 minutes'
ORDER BY id
LIMIT 501;
