-- Gives trades that were recovered from their table the fields of their own events, which came later, and adds the
-- difference to portfolio and performance. So the order of event and recovery changes no digit.
-- Parameters: $1…$11 trades, as in apply.sql. Returns how many trades were adopted.
-- The additions to portfolio_summary and performance_metrics are also in apply.sql and fill_account.sql.
-- Rights: SELECT, UPDATE on analytics.sync_ledger; SELECT, INSERT, UPDATE on portfolio_summary, performance_metrics.
WITH trades AS (
    SELECT trade_id, account_id::varchar, symbol::varchar, strategy::varchar, trade_date::date,
           round(coalesce(total_value::numeric, quantity::numeric * price::numeric), 4) AS total_value,
           round(realized_pnl::numeric, 4) AS realized_pnl,
           round(coalesce(win_rate::numeric, CASE WHEN trade_type IN ('closing', 'partial')
                                                  THEN (round(realized_pnl::numeric, 4) > 0)::integer END), 10) AS win
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::text[])
        AS t(trade_id, account_id, symbol, strategy, trade_date, quantity, price, total_value, realized_pnl, win_rate,
             trade_type)
), old AS (
    SELECT l.* FROM analytics.sync_ledger AS l
     WHERE l.trade_id IN (SELECT trade_id FROM trades) AND l.source = 'table'
     ORDER BY l.trade_id FOR UPDATE
), adopted AS (
    UPDATE analytics.sync_ledger AS l
       SET account_id = t.account_id, symbol = t.symbol, strategy = t.strategy, trade_date = t.trade_date,
           total_value = t.total_value, realized_pnl = t.realized_pnl, win = t.win, source = 'event'
      FROM trades AS t JOIN old AS o USING (trade_id)
     WHERE l.trade_id = t.trade_id
    RETURNING l.*
), changes AS (
    SELECT account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, 1 AS n FROM adopted
    UNION ALL
    SELECT account_id, symbol, strategy, trade_date, -total_value, -realized_pnl, win, -1 FROM old
), portfolio AS (
    INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, total_value, realized_pnl, total_trades)
    SELECT account_id, symbol, sum(total_value), sum(realized_pnl), sum(n)
      FROM changes GROUP BY account_id, symbol
    HAVING sum(total_value) <> 0 OR sum(realized_pnl) <> 0 OR sum(n) <> 0
     ORDER BY account_id, symbol
        ON CONFLICT (account_id, symbol) DO UPDATE
       SET total_value = p.total_value + excluded.total_value,
           realized_pnl = p.realized_pnl + excluded.realized_pnl,
           total_trades = p.total_trades + excluded.total_trades,
           last_updated = now()
    RETURNING 1
), metrics AS (
    INSERT INTO analytics.performance_metrics AS m
           (strategy, date, total_trades, win_sum, win_count, total_value, realized_pnl)
    SELECT strategy, trade_date, sum(n), coalesce(sum(n * win), 0), coalesce(sum(n) FILTER (WHERE win IS NOT NULL), 0),
           sum(total_value), sum(realized_pnl)
      FROM changes WHERE (SELECT count(*) FROM portfolio) >= 0
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
SELECT (SELECT count(*) FROM adopted)::integer AS adopted,
       (SELECT count(*) FROM portfolio)::integer AS portfolio,
       (SELECT count(*) FROM metrics)::integer AS metrics
