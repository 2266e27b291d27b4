-- No trade waits in quarantine.
-- order: 157
-- severity: fail
-- every: minute
-- why: Its event could not be applied, or tells of another trade than the books have by its id.
-- remedy: See tradetop quarantine list. Correct what the reason names and run tradetop maintain retry-quarantine; or decide:
--   tradetop quarantine accept ID --reason …, tradetop quarantine reject ID --reason …
-- rights: SELECT on analytics.sync_quarantine
SELECT id, event_key, reason, attempts, first_at
  FROM analytics.sync_quarantine WHERE resolved_at IS NULL AND kind = 'trades' ORDER BY id LIMIT 501
