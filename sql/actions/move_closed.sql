-- Moves one batch of closed trades into the archives, rows and entries together, oldest first, in one statement. If it archives
-- another number than it deletes, it fails (division by zero) and is rolled back. To run it again goes on.
-- $1 how many at most, $2 where the batch before ended (NULL: from the beginning on). Returns how many entries and rows, and where
-- the batch ended. Entries whose rows were taken away since come last.
-- Rights: SELECT, DELETE on execution.trades and analytics.sync_ledger; INSERT, SELECT on execution.archived_trades and
-- analytics.archived_sync_ledger; SELECT on analytics.book_closings.
WITH cut AS MATERIALIZED (
    SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), booked AS MATERIALIZED (
    SELECT t.trade_id, t.executed_at
      FROM execution.trades AS t
     WHERE t.executed_at < (SELECT at FROM cut) AND t.executed_at >= coalesce($2::timestamptz, '-infinity')
       AND EXISTS (SELECT FROM analytics.sync_ledger AS l WHERE l.trade_id = t.trade_id AND l.executed_at < (SELECT at FROM cut))
     ORDER BY t.executed_at
     LIMIT $1::integer
), batch AS MATERIALIZED (
    SELECT trade_id FROM booked
    UNION ALL
    (SELECT l.trade_id FROM analytics.sync_ledger AS l
      WHERE (SELECT count(*) FROM booked) = 0 AND l.executed_at < (SELECT at FROM cut)
      LIMIT $1::integer)
), entries AS (
    DELETE FROM analytics.sync_ledger AS l USING batch AS b WHERE l.trade_id = b.trade_id RETURNING l.*
), archived_entries AS (
    INSERT INTO analytics.archived_sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win,
           source, applied_at, row_id, executed_at, side, quantity, price, commission, held, average_cost, pnl_stated, win_stated,
           event, published_at, received_at, arrival)
    SELECT trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, source, applied_at, row_id,
           executed_at, side, quantity, price, commission, held, average_cost, pnl_stated, win_stated, event,
           published_at, received_at, arrival
      FROM entries
    RETURNING trade_id
), taken_rows AS (
    DELETE FROM execution.trades AS t USING entries AS e WHERE t.trade_id = e.trade_id RETURNING t.*
), archived_rows AS (
    INSERT INTO execution.archived_trades (id, trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at,
           settlement_date, strategy, trade_type, created_at, side, total_value, realized_pnl, win_rate)
    SELECT id, trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at, settlement_date, strategy,
           trade_type, created_at, side, total_value, realized_pnl, win_rate
      FROM taken_rows
    RETURNING trade_id
), counted AS (
    SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM archived_entries) AS archived_entries,
           (SELECT count(*) FROM taken_rows) AS taken_rows, (SELECT count(*) FROM archived_rows) AS archived_rows
)
SELECT entries::integer AS entries, CASE WHEN entries = archived_entries AND taken_rows = archived_rows THEN taken_rows
           ELSE entries / 0 END::integer
           AS rows, (SELECT max(executed_at)::text FROM booked) AS ended
  FROM counted
