-- Trades in the ledger whose rows say something else, or are gone, or have come since, in the order of their ids, a page.
-- Parameters: $1 account (NULL: all); $2 rows created, and entries applied, since (NULL: ever); $3 the last id of the page
-- before (NULL: the first page); $4 ids a page.
-- Rights: SELECT on execution.trades and analytics.sync_ledger.
SELECT trade_id FROM (
    SELECT l.trade_id
      FROM execution.trades AS t JOIN analytics.sync_ledger AS l ON l.trade_id = t.trade_id
     WHERE t.created_at >= coalesce($2::timestamptz, '-infinity') AND ($1::text IS NULL OR l.account_id = $1::text)
       AND ((l.row_id, l.account_id, l.symbol, l.quantity, l.price, l.executed_at, l.strategy, coalesce(l.commission, 0),
            l.total_value, l.pnl_stated, l.win_stated) IS DISTINCT FROM
           (t.id, t.account_id, t.symbol, t.quantity, t.price, t.executed_at,
            coalesce(nullif(t.strategy, ''), l.event->>'strategy', '(none)'),
            coalesce(t.commission, (l.event->>'commission')::numeric, 0),
            coalesce(t.total_value, (l.event->>'total_value')::numeric, round(t.quantity * t.price, 4)),
            t.realized_pnl IS NOT NULL OR coalesce(l.event ? 'realized_pnl', false),
            t.win_rate IS NOT NULL OR coalesce(l.event ? 'win_rate', false))
            OR t.side::text <> l.side OR t.realized_pnl <> l.realized_pnl OR t.win_rate <> l.win)
    UNION ALL
    SELECT l.trade_id
      FROM analytics.sync_ledger AS l
     WHERE l.row_id IS NOT NULL AND l.applied_at >= coalesce($2::timestamptz, '-infinity')
       AND ($1::text IS NULL OR l.account_id = $1::text)
       AND NOT EXISTS (SELECT FROM execution.trades AS t WHERE t.trade_id = l.trade_id)
) AS differing
 WHERE $3::text IS NULL OR trade_id > $3::text
 ORDER BY trade_id
 LIMIT $4::integer
