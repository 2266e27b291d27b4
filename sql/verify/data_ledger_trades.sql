-- Every trade in analytics is as its row says.
-- order: 150
-- severity: fail
-- every: 15 minutes
-- why: Portfolio, performance and realised P&L count figures that the books do not have.
-- remedy: Check that tradetop sync runs, which settles such trades, or run: tradetop maintain rebuild-analytics. Look at a
--   trade with tradetop trade show ID; change a wrong row with tradetop trade correct ID --reason …, and take a trade that
--   never had a row out with tradetop trade bust ID --reason …
-- rights: SELECT on analytics.sync_ledger, execution.trades and orders
--
-- Entries of the ledger that say something else than their rows, whose rows are gone, or that have had none ten minutes
-- after their event. What a row does not state is its event's, and a side its order's. $1: of entries applied since, and of
-- all that have no row. Of closed books only what has not been moved into the archives yet.
WITH unlike AS MATERIALIZED (
    SELECT l.trade_id, l.applied_at
      FROM analytics.sync_ledger AS l
      LEFT JOIN execution.trades AS t ON t.trade_id = l.trade_id
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id,
           LATERAL (SELECT coalesce(nullif(t.trade_type, ''), l.event->>'trade_type') AS type,
               coalesce(t.realized_pnl, (l.event->>'realized_pnl')::numeric) AS pnl) AS s,
           LATERAL (SELECT coalesce(t.side::text, l.event->>'side', o.side::text, CASE s.type WHEN 'opening' THEN 'buy'
               WHEN 'closing' THEN 'sell' WHEN 'partial' THEN 'sell' END) AS side) AS f
     WHERE ($1::interval IS NULL OR l.applied_at >= now() - $1::interval OR l.row_id IS NULL)
       AND CASE WHEN t.id IS NULL THEN l.row_id IS NOT NULL OR l.applied_at < now() - interval '10 minutes'
                WHEN l.row_id IS NULL AND t.created_at >= now() - interval '2 minutes' THEN false
                ELSE (l.row_id, l.account_id, l.symbol, l.side, l.quantity, l.price, l.executed_at, l.trade_date, l.strategy,
                      coalesce(l.commission, 0), l.total_value, l.pnl_stated, l.win) IS DISTINCT FROM
                     (t.id, t.account_id, t.symbol, f.side, t.quantity, t.price, t.executed_at,
                      (t.executed_at AT TIME ZONE 'UTC')::date, coalesce(nullif(t.strategy, ''), l.event->>'strategy', '(none)'),
                      coalesce(t.commission, (l.event->>'commission')::numeric, 0),
                      coalesce(t.total_value, (l.event->>'total_value')::numeric, round(t.quantity * t.price, 4)),
                      s.pnl IS NOT NULL, round(coalesce(t.win_rate, (l.event->>'win_rate')::numeric,
                          CASE WHEN s.type IN ('closing', 'partial') AND (f.side IS DISTINCT FROM 'buy' OR s.pnl IS NOT NULL)
                               THEN (l.realized_pnl > 0)::integer END), 10))
                     OR s.pnl <> l.realized_pnl END
), shown AS MATERIALIZED (
    SELECT l.*, t.id AS at_row, t.account_id AS r_account, t.symbol AS r_symbol, t.quantity AS r_quantity, t.price AS r_price,
           t.executed_at AS r_time, t.commission AS r_commission, nullif(t.strategy, '') AS r_strategy, t.total_value AS r_value,
           t.win_rate AS r_win, coalesce(nullif(t.trade_type, ''), e.told->>'trade_type') AS type, e.told,
           coalesce(t.realized_pnl, (e.told->>'realized_pnl')::numeric) AS r_pnl,
           coalesce(t.side::text, e.told->>'side', o.side::text) AS r_side
      FROM (SELECT trade_id FROM unlike ORDER BY applied_at LIMIT 501) AS u JOIN analytics.sync_ledger AS l USING (trade_id)
      LEFT JOIN execution.trades AS t ON t.trade_id = l.trade_id
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id,
           LATERAL (SELECT CASE WHEN (l.account_id, l.symbol, round(l.quantity, 4), round(l.price, 4))
               = (t.account_id, t.symbol, t.quantity, t.price) AND coalesce(l.event->>'side' = t.side::text, true)
               THEN l.event END AS told) AS e
), due AS (
    SELECT *, coalesce(r_side, CASE type WHEN 'opening' THEN 'buy' WHEN 'closing' THEN 'sell' WHEN 'partial' THEN 'sell' END)
               AS d_side FROM shown
)
SELECT trade_id, account_id, symbol, CASE
           WHEN at_row IS NULL AND row_id IS NULL THEN 'its event was applied and it has no row'
           WHEN at_row IS NULL THEN format('its row %s is gone', row_id)
           WHEN row_id IS NULL THEN format('its row %s was not taken', at_row)
           ELSE (SELECT string_agg(format('%s is %s, and %s in the ledger', what, coalesce(by_row, 'none'),
                                          coalesce(by_ledger, 'none')), '; ')
                   FROM (VALUES ('row', at_row::text, row_id::text), ('account', r_account, account_id),
                                ('symbol', r_symbol, symbol), ('side', d_side, side),
                                ('quantity', r_quantity::text, round(quantity, 4)::text), ('price', r_price::text, round(price, 4)::text),
                                ('time', r_time::text, executed_at::text),
                                ('commission', round(coalesce(r_commission, (told->>'commission')::numeric, 0), 4)::text,
                                 round(coalesce(commission, 0), 4)::text),
                                ('strategy', coalesce(r_strategy, told->>'strategy', '(none)'), strategy),
                                ('day', (r_time AT TIME ZONE 'UTC')::date::text, trade_date::text),
                                ('total value', round(coalesce(r_value, (told->>'total_value')::numeric, r_quantity * r_price), 4)::text,
                                 total_value::text),
                                ('realised P&L', coalesce(round(r_pnl, 4)::text, 'not stated'),
                                 CASE WHEN pnl_stated OR r_pnl IS NOT NULL THEN realized_pnl::text ELSE 'not stated' END),
                                ('win', round(coalesce(r_win, (told->>'win_rate')::numeric, CASE WHEN type IN ('closing', 'partial')
                                 AND (d_side IS DISTINCT FROM 'buy' OR r_pnl IS NOT NULL) THEN (realized_pnl > 0)::integer END), 10)::text,
                                 win::text)) AS v (what, by_row, by_ledger)
                  WHERE by_row IS DISTINCT FROM by_ledger) END AS problem
  FROM due
 ORDER BY applied_at
