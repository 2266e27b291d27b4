-- No event waits in quarantine.
-- order: 160
-- severity: warn
-- why: It could not be applied, so analytics lacks it.
-- remedy: Correct what the reason names, then run: tradetop maintain retry-quarantine
-- rights: SELECT on analytics.sync_quarantine
SELECT kind, event_key, reason, attempts, first_at
  FROM analytics.sync_quarantine WHERE resolved_at IS NULL ORDER BY id LIMIT 20
