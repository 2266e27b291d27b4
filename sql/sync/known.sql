-- What is known of trades: their rows, the sides of their orders, and the ledger's entries; and the latest time of execution
-- that is accepted: the server's clock and what the setting tradetop.clock_ahead allows (default 5 s). A trade of which nothing
-- is known is returned all the same.
-- Parameters, text arrays: $1 trade ids, $2 the orders that their events name, or null.
-- Rights: SELECT on execution.trades and orders, analytics.sync_ledger, sync_restatements and sync_quarantine.
SELECT i.trade_id, (clock_timestamp() + coalesce(nullif(current_setting('tradetop.clock_ahead', true), ''), '5s')::interval)::text
           AS latest, o.side::text AS order_side,
       t.id::text AS row_id, t.account_id, t.symbol, nullif(t.strategy, '') AS strategy, t.side::text AS side,
       t.quantity::text AS quantity, t.price::text AS price, t.commission::text AS commission,
       t.executed_at::text AS executed_at, nullif(t.trade_type, '') AS trade_type,
       t.total_value::text AS total_value, t.realized_pnl::text AS realized_pnl, t.win_rate::text AS win_rate,
       l.trade_id IS NOT NULL AS counted, l.account_id AS entry_account_id, l.symbol AS entry_symbol,
       l.strategy AS entry_strategy, l.trade_date::text AS entry_date, l.side AS entry_side, l.quantity::text AS entry_quantity, l.price::text AS entry_price,
       l.commission::text AS entry_commission, l.executed_at::text AS entry_executed_at, l.row_id::text AS entry_row_id,
       l.source AS entry_source, l.total_value::text AS entry_total_value, l.realized_pnl::text AS entry_realized_pnl,
       l.win::text AS entry_win, l.pnl_stated AS entry_pnl_stated, l.win_stated AS entry_win_stated,
       l.event::text AS entry_event,
       t.id IS NULL AND l.trade_id IS NULL AND EXISTS (
           SELECT FROM analytics.sync_restatements AS r WHERE r.trade_id = i.trade_id AND r.new_value IS NULL) AS busted,
       l.trade_id IS NULL AND EXISTS (
           SELECT FROM analytics.sync_quarantine AS q
            WHERE q.kind = 'trades' AND q.event_key = i.trade_id AND q.resolution = 'rejected') AS rejected
  FROM unnest($1::text[], $2::text[]) AS i(trade_id, order_id)
  LEFT JOIN execution.trades AS t ON t.trade_id = i.trade_id
  LEFT JOIN execution.orders AS o ON o.order_id = coalesce(t.order_id, i.order_id)
  LEFT JOIN analytics.sync_ledger AS l ON l.trade_id = i.trade_id
