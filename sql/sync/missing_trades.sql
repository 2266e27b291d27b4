-- Trades in the table that are neither in the ledger nor in quarantine nor rejected, a page of them, in the order in which their rows were
-- created. Looks for what the ledger lacks and not from a watermark on: rows may be committed in another order than they
-- were numbered.
-- Parameters: rows created since $1 (NULL: ever) and before $2 (NULL: until now); $3 and $4 creation and row of the last trade
-- of the page before (NULL: the first page); $5 rows a page; $6 account (NULL: all).
-- Rights: SELECT on execution.trades, analytics.sync_ledger and sync_quarantine.
SELECT t.trade_id, t.account_id, t.created_at::text AS created_at, t.id::text AS row_id
  FROM execution.trades AS t
 WHERE t.created_at >= coalesce($1::timestamptz, '-infinity') AND t.created_at < coalesce($2::timestamptz, 'infinity')
   AND ($3::timestamptz IS NULL OR (t.created_at, t.id) > ($3::timestamptz, $4::bigint))
   AND ($6::text IS NULL OR t.account_id = $6::text)
   AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
   AND NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                    WHERE q.kind = 'trades' AND q.event_key = t.trade_id
                      AND (q.resolved_at IS NULL OR q.resolution = 'rejected'))
 ORDER BY t.created_at, t.id
 LIMIT $5::integer
