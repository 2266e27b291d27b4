-- Applies trades and positions: enters trades into the ledger, adds those that it lacked to the portfolio and to the
-- performance of their strategies, and keeps the newest of each position. One statement, so that a trade is in the
-- ledger exactly where it is in the sums. Inserts go in key order, first the ledger, then the portfolio, then the
-- metrics (which is why those read the portfolio's count), so that two workers on the same events cannot deadlock.
-- The additions to portfolio_summary and performance_metrics are also in adopt.sql and fill_account.sql.
-- Parameters, text arrays. Trades: $1 trade_id, $2 account, $3 symbol, $4 strategy, $5 date, $6 quantity, $7 price, $8
-- total_value or NULL, $9 realised P&L, $10 win_rate or NULL, $11 trade_type or NULL. Positions: $12 account, $13
-- symbol, $14 quantity, $15 average price, $16 as of. Returns the trades and positions that were applied, and the rows
-- of performance_metrics that changed.
-- Rights: SELECT, INSERT, UPDATE on analytics.sync_ledger, portfolio_summary, performance_metrics.
WITH trades AS (
    SELECT trade_id, account_id, symbol, strategy, trade_date::date,
           coalesce(total_value::numeric, round(quantity::numeric * price::numeric, 4)) AS total_value,
           realized_pnl::numeric,
           coalesce(win_rate::numeric, CASE WHEN trade_type IN ('closing', 'partial')
                                            THEN (round(realized_pnl::numeric, 4) > 0)::integer END) AS win
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::text[])
        AS t(trade_id, account_id, symbol, strategy, trade_date, quantity, price, total_value, realized_pnl, win_rate,
             trade_type)
), fresh AS (
    INSERT INTO analytics.sync_ledger AS l
           (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, source)
    SELECT trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, 'event'
      FROM trades ORDER BY trade_id
        ON CONFLICT (trade_id) DO NOTHING
    RETURNING account_id, symbol, strategy, trade_date, total_value, realized_pnl, win
), sums AS (
    SELECT account_id, symbol, sum(total_value) AS total_value, sum(realized_pnl) AS realized_pnl, count(*) AS trades
      FROM fresh GROUP BY account_id, symbol
), views AS (
    SELECT account_id::varchar, symbol::varchar, quantity::numeric, avg_price::numeric, position_at::timestamptz
      FROM unnest($12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
        AS v(account_id, symbol, quantity, avg_price, position_at)
), portfolio AS (
    INSERT INTO analytics.portfolio_summary AS p
           (account_id, symbol, total_value, realized_pnl, total_trades, quantity, avg_price, position_at, last_updated)
    SELECT account_id, symbol, coalesce(s.total_value, 0), coalesce(s.realized_pnl, 0), coalesce(s.trades, 0),
           v.quantity, v.avg_price, v.position_at, now()
      FROM sums AS s FULL JOIN views AS v USING (account_id, symbol)
     ORDER BY account_id, symbol
        ON CONFLICT (account_id, symbol) DO UPDATE
       SET total_value = p.total_value + excluded.total_value,
           realized_pnl = p.realized_pnl + excluded.realized_pnl,
           total_trades = p.total_trades + excluded.total_trades,
           (quantity, avg_price, position_at) = (
               SELECT quantity, avg_price, position_at
                 FROM (VALUES (excluded.quantity, excluded.avg_price, excluded.position_at),
                              (p.quantity, p.avg_price, p.position_at)) AS either(quantity, avg_price, position_at)
                ORDER BY position_at DESC NULLS LAST, quantity DESC, avg_price DESC LIMIT 1),
           last_updated = now()
     WHERE excluded.total_trades > 0 OR p.position_at IS NULL OR p.position_at <= excluded.position_at
    RETURNING account_id, symbol, position_at
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
SELECT (SELECT count(*) FROM fresh)::integer AS trades,
       (SELECT count(*) FROM portfolio AS p JOIN views AS v USING (account_id, symbol)
         WHERE p.position_at = v.position_at)::integer AS positions,
       (SELECT count(*) FROM metrics)::integer AS metrics
