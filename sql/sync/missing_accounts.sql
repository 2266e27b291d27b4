-- Accounts that have trades in the table which are neither in the ledger nor in quarantine; how many, and when the
-- first and the last of their rows were created. Looks for what the ledger lacks and not from a watermark on: rows may
-- be committed in another order than they were numbered.
-- Parameters: rows created since $1 (NULL: ever) and before $2 (NULL: until now).
-- Rights: SELECT on execution.trades, analytics.sync_ledger, analytics.sync_quarantine.
SELECT t.account_id, count(*)::integer AS trades, min(t.created_at)::text AS first, max(t.created_at)::text AS last
  FROM execution.trades AS t
 WHERE ($1::timestamptz IS NULL OR t.created_at >= $1::timestamptz)
   AND ($2::timestamptz IS NULL OR t.created_at < $2::timestamptz)
   AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
   AND NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                    WHERE q.kind = 'trades' AND q.event_key = t.trade_id AND q.resolved_at IS NULL)
 GROUP BY t.account_id
 ORDER BY t.account_id
