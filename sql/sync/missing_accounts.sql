-- Accounts with trades in the table that are neither in the ledger nor in quarantine, created since $1
-- (NULL: ever) and before $2 (NULL: till now), and when.
-- By what the ledger lacks and not by a watermark: rows may be committed in another order than they were numbered.
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
