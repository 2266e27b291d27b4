-- Trades in the ledger whose rows say something else, or are gone, or have come since, in the order of their ids, a page.
-- The check data_ledger_trades finds the same, and says what differs.
-- Parameters: $1 account (NULL: all); $2 rows created, and entries applied, since (NULL: ever); $3 the last id of the page
-- before (NULL: the first page); $4 ids a page; $5 entries executed before (NULL: all).
-- The entry of each row is looked up by its key (OFFSET 0): a join of the two would read the whole ledger, however few rows
-- the window has.
-- Rights: SELECT on execution.trades and orders, and on analytics.sync_ledger.
SELECT trade_id FROM (
    SELECT l.trade_id
      FROM execution.trades AS t
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id,
           LATERAL (SELECT * FROM analytics.sync_ledger AS e WHERE e.trade_id = t.trade_id OFFSET 0) AS l,
           LATERAL (SELECT coalesce(nullif(t.trade_type, ''), l.event->>'trade_type') AS type,
               coalesce(t.realized_pnl, (l.event->>'realized_pnl')::numeric) AS pnl,
               coalesce(t.win_rate, (l.event->>'win_rate')::numeric) AS win OFFSET 0) AS s,
           LATERAL (SELECT coalesce(t.side::text, l.event->>'side', o.side::text, CASE s.type WHEN 'opening' THEN 'buy'
               WHEN 'closing' THEN 'sell' WHEN 'partial' THEN 'sell' END) AS side OFFSET 0) AS f
     WHERE t.created_at >= coalesce($2::timestamptz, '-infinity') AND ($1::text IS NULL OR l.account_id = $1::text)
       AND ($5::timestamptz IS NULL OR l.executed_at < $5::timestamptz)
       AND ((l.row_id, l.account_id, l.symbol, l.side, l.quantity, l.price, l.executed_at, l.trade_date, l.strategy,
            coalesce(l.commission, 0), l.total_value, l.pnl_stated, l.win_stated, l.win) IS DISTINCT FROM
           (t.id, t.account_id, t.symbol, f.side, t.quantity, t.price, t.executed_at,
            (t.executed_at AT TIME ZONE 'UTC')::date, coalesce(nullif(t.strategy, ''), l.event->>'strategy', '(none)'),
            coalesce(t.commission, (l.event->>'commission')::numeric, 0),
            coalesce(t.total_value, (l.event->>'total_value')::numeric, round(t.quantity * t.price, 4)),
            s.pnl IS NOT NULL, s.win IS NOT NULL,
            round(coalesce(s.win, CASE WHEN s.type IN ('closing', 'partial')
                AND (f.side IS DISTINCT FROM 'buy' OR s.pnl IS NOT NULL) THEN (l.realized_pnl > 0)::integer END), 10))
            OR s.pnl <> l.realized_pnl)
    UNION ALL
    SELECT l.trade_id
      FROM analytics.sync_ledger AS l
     WHERE l.row_id IS NOT NULL AND l.applied_at >= coalesce($2::timestamptz, '-infinity')
       AND ($1::text IS NULL OR l.account_id = $1::text) AND ($5::timestamptz IS NULL OR l.executed_at < $5::timestamptz)
       AND NOT EXISTS (SELECT FROM execution.trades AS t WHERE t.trade_id = l.trade_id)
) AS differing
 WHERE $3::text IS NULL OR trade_id > $3::text
 ORDER BY trade_id
 LIMIT $4::integer
