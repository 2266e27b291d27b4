-- Enters the trades of an account that the ledger lacks, and their effects: total value round(quantity × price, 4),
-- realised P&L by average cost over the account's trades of the symbol. Leaves trades in quarantine there.
-- The additions to portfolio_summary and performance_metrics are also in apply.sql and adopt.sql.
-- Parameters: $1 account; its rows created since $2 (NULL: ever) and before $3 (NULL: until now); $4 the only trade ids
-- that count, a text array (NULL: all). Returns how many trades were recovered.
-- Rights: SELECT on execution.trades and execution.orders, analytics.sync_quarantine; SELECT, INSERT on
-- analytics.sync_ledger; SELECT, INSERT, UPDATE on portfolio_summary and performance_metrics.
WITH missing AS MATERIALIZED (
    SELECT t.*
      FROM execution.trades AS t
     WHERE t.account_id = $1 AND ($2::timestamptz IS NULL OR t.created_at >= $2::timestamptz)
       AND ($3::timestamptz IS NULL OR t.created_at < $3::timestamptz)
       AND ($4::text[] IS NULL OR t.trade_id = ANY ($4::text[]))
       AND NOT EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id)
       AND NOT EXISTS (SELECT FROM analytics.sync_quarantine AS q
                        WHERE q.kind = 'trades' AND q.event_key = t.trade_id AND q.resolved_at IS NULL)
), history AS (
    SELECT t.symbol, array_agg(t.trade_id ORDER BY t.executed_at, t.trade_id) AS ids,
           analytics.realised_by_average_cost(
               array_agg(coalesce(o.side::text, CASE t.trade_type WHEN 'opening' THEN 'buy' WHEN 'closing' THEN 'sell'
                                                    WHEN 'partial' THEN 'sell' END) ORDER BY t.executed_at, t.trade_id),
               array_agg(t.quantity ORDER BY t.executed_at, t.trade_id),
               array_agg(t.price ORDER BY t.executed_at, t.trade_id),
               array_agg(t.commission ORDER BY t.executed_at, t.trade_id)) AS realised
      FROM execution.trades AS t
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
     WHERE t.account_id = $1 AND t.symbol IN (SELECT symbol FROM missing)
     GROUP BY t.symbol
), costed AS (
    SELECT c.trade_id, c.pnl FROM history AS h, unnest(h.ids, h.realised) AS c(trade_id, pnl)
), fresh AS (
    INSERT INTO analytics.sync_ledger
           (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, source)
    SELECT m.trade_id, m.account_id, m.symbol, coalesce(nullif(m.strategy, ''), '(none)'),
           (m.executed_at AT TIME ZONE 'UTC')::date, round(m.quantity * m.price, 4), c.pnl,
           CASE WHEN m.trade_type IN ('closing', 'partial') THEN (c.pnl > 0)::integer END, 'table'
      FROM missing AS m JOIN costed AS c USING (trade_id)
     ORDER BY m.trade_id
        ON CONFLICT (trade_id) DO NOTHING
    RETURNING account_id, symbol, strategy, trade_date, total_value, realized_pnl, win
), portfolio AS (
    INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, total_value, realized_pnl, total_trades)
    SELECT account_id, symbol, sum(total_value), sum(realized_pnl), count(*)
      FROM fresh GROUP BY account_id, symbol ORDER BY account_id, symbol
        ON CONFLICT (account_id, symbol) DO UPDATE
       SET total_value = p.total_value + excluded.total_value,
           realized_pnl = p.realized_pnl + excluded.realized_pnl,
           total_trades = p.total_trades + excluded.total_trades,
           last_updated = now()
    RETURNING 1
), metrics AS (
    INSERT INTO analytics.performance_metrics AS m
           (strategy, date, total_trades, win_sum, win_count, total_value, realized_pnl)
    SELECT strategy, trade_date, count(*), coalesce(sum(win), 0), count(win), sum(total_value), sum(realized_pnl)
      FROM fresh WHERE (SELECT count(*) FROM portfolio) >= 0
     GROUP BY strategy, trade_date
     ORDER BY strategy, trade_date
        ON CONFLICT (strategy, date) DO UPDATE
       SET total_trades = m.total_trades + excluded.total_trades,
           win_sum = m.win_sum + excluded.win_sum,
           win_count = m.win_count + excluded.win_count,
           total_value = m.total_value + excluded.total_value,
           realized_pnl = m.realized_pnl + excluded.realized_pnl,
           last_updated = now()
    RETURNING 1
)
SELECT (SELECT count(*) FROM fresh)::integer AS recovered,
       (SELECT count(*) FROM portfolio)::integer AS portfolio,
       (SELECT count(*) FROM metrics)::integer AS metrics
