-- Events that the synchroniser could not apply and set aside. Rights: SELECT on analytics.sync_quarantine.
SELECT kind, event_key, reason, attempts, first_at
  FROM analytics.sync_quarantine WHERE resolved_at IS NULL ORDER BY id LIMIT 20
