-- Writes executions; an existing one stays unchanged, so that a batch whose COMMIT was lost can be written again.
-- $1 trade_id, $2 order_id, $3 account_id, $4 symbol, $5 quantity, $6 price, $7 commission, $8 executed_at, $9 strategy,
-- $10 trade_type, $11 side, $12 total_value, $13 realized_pnl, $14 win_rate or NULL; arrays, in the order of execution.
-- Settled two days later. Rights: INSERT on execution.trades.
INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at,
                              settlement_date, strategy, trade_type, side, total_value, realized_pnl, win_rate)
SELECT r.trade_id, r.order_id, r.account_id, r.symbol, r.quantity, r.price, r.commission, r.executed_at,
       (r.executed_at AT TIME ZONE 'UTC')::date + 2, r.strategy, r.trade_type, r.side::execution.order_side,
       r.total_value, r.realized_pnl, r.win_rate
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::numeric[],
              $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::numeric[], $13::numeric[], $14::numeric[])
       WITH ORDINALITY AS r (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at, strategy,
                             trade_type, side, total_value, realized_pnl, win_rate, n)
 ORDER BY r.n
    ON CONFLICT (trade_id) DO NOTHING;
