-- What is known of trades: their rows, the sides of their orders, and the ledger's entries, both also where they are archived;
-- the latest time of execution that is accepted: the server's clock and what the setting tradetop.clock_ahead allows (default
-- 5 s); and the time before which the books are closed. A trade of which nothing is known is returned all the same.
-- Parameters, text arrays: $1 trade ids, $2 the orders that their events name, or null.
-- Rights: SELECT on execution.trades, archived_trades and orders, and on analytics.sync_ledger, archived_sync_ledger,
-- book_closings, sync_restatements and sync_quarantine.
-- Each is looked up by its key (OFFSET 0): a join would read the whole of a table when the planner finds that cheaper, and so
-- cost more the longer the history is.
SELECT i.trade_id, (clock_timestamp() + coalesce(nullif(current_setting('tradetop.clock_ahead', true), ''), '5s')::interval)::text
           AS latest, (SELECT max(closed_before)::text FROM analytics.book_closings) AS closed_before, o.side::text AS order_side,
       coalesce(t.id, r.id)::text AS row_id, coalesce(t.account_id, r.account_id) AS account_id,
       coalesce(t.symbol, r.symbol) AS symbol, nullif(coalesce(t.strategy, r.strategy), '') AS strategy,
       coalesce(t.side, r.side)::text AS side, coalesce(t.quantity, r.quantity)::text AS quantity,
       coalesce(t.price, r.price)::text AS price, coalesce(t.commission, r.commission)::text AS commission,
       coalesce(t.executed_at, r.executed_at)::text AS executed_at,
       nullif(coalesce(t.trade_type, r.trade_type), '') AS trade_type,
       coalesce(t.total_value, r.total_value)::text AS total_value,
       coalesce(t.realized_pnl, r.realized_pnl)::text AS realized_pnl, coalesce(t.win_rate, r.win_rate)::text AS win_rate,
       r.trade_id IS NOT NULL AS row_archived, a.trade_id IS NOT NULL AS archived, e.trade_id IS NOT NULL AS counted,
       e.account_id AS entry_account_id, e.symbol AS entry_symbol, e.strategy AS entry_strategy,
       e.trade_date::text AS entry_date, e.side AS entry_side, e.quantity::text AS entry_quantity, e.price::text AS entry_price,
       e.commission::text AS entry_commission, e.executed_at::text AS entry_executed_at, e.row_id::text AS entry_row_id,
       e.source AS entry_source, e.total_value::text AS entry_total_value, e.realized_pnl::text AS entry_realized_pnl,
       e.win::text AS entry_win, e.pnl_stated AS entry_pnl_stated, e.win_stated AS entry_win_stated,
       e.event::text AS entry_event,
       t.id IS NULL AND e.trade_id IS NULL AND EXISTS (
           SELECT FROM analytics.sync_restatements AS r WHERE r.trade_id = i.trade_id AND r.new_value IS NULL OFFSET 0) AS busted,
       e.trade_id IS NULL AND EXISTS (
           SELECT FROM analytics.sync_quarantine AS q
            WHERE q.kind = 'trades' AND q.event_key = i.trade_id AND q.resolution = 'rejected' OFFSET 0) AS rejected
  FROM unnest($1::text[], $2::text[]) AS i(trade_id, order_id)
  LEFT JOIN LATERAL (SELECT * FROM execution.trades AS t WHERE t.trade_id = i.trade_id OFFSET 0) AS t ON true
  LEFT JOIN LATERAL (SELECT * FROM analytics.sync_ledger AS l WHERE l.trade_id = i.trade_id OFFSET 0) AS l ON true
  LEFT JOIN LATERAL (SELECT * FROM analytics.archived_sync_ledger AS a
                      WHERE a.trade_id = i.trade_id AND l.trade_id IS NULL LIMIT 1) AS a ON true
  LEFT JOIN LATERAL (SELECT * FROM execution.archived_trades AS r
                      WHERE r.trade_id = a.trade_id AND r.executed_at = a.executed_at AND t.id IS NULL) AS r ON true
  LEFT JOIN LATERAL (SELECT side FROM execution.orders AS o
                      WHERE o.order_id = coalesce(t.order_id, r.order_id, i.order_id) OFFSET 0) AS o ON true,
       LATERAL (SELECT coalesce(l.trade_id, a.trade_id) AS trade_id, coalesce(l.account_id, a.account_id) AS account_id,
                       coalesce(l.symbol, a.symbol) AS symbol, coalesce(l.strategy, a.strategy) AS strategy,
                       coalesce(l.trade_date, a.trade_date) AS trade_date, coalesce(l.side, a.side) AS side,
                       coalesce(l.quantity, a.quantity) AS quantity, coalesce(l.price, a.price) AS price,
                       coalesce(l.commission, a.commission) AS commission, coalesce(l.executed_at, a.executed_at) AS executed_at,
                       coalesce(l.row_id, a.row_id) AS row_id, coalesce(l.source, a.source) AS source,
                       coalesce(l.total_value, a.total_value) AS total_value, coalesce(l.win, a.win) AS win,
                       coalesce(l.realized_pnl, a.realized_pnl) AS realized_pnl, coalesce(l.event, a.event) AS event,
                       coalesce(l.pnl_stated, a.pnl_stated) AS pnl_stated,
                       coalesce(l.win_stated, a.win_stated) AS win_stated) AS e
