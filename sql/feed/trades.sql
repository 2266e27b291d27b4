-- Writes executions; an existing one stays unchanged, so that a batch whose COMMIT was lost can be written again.
-- $1 trade_id, $2 order_id, $3 account_id, $4 symbol, $5 quantity, $6 price, $7 commission, $8 executed_at, $9 strategy,
-- $10 trade_type; arrays, in the order of execution. Settled two days later. Rights: INSERT on execution.trades.
INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at,
                              settlement_date, strategy, trade_type)
SELECT r.trade_id, r.order_id, r.account_id, r.symbol, r.quantity, r.price, r.commission, r.executed_at,
       (r.executed_at AT TIME ZONE 'UTC')::date + 2, r.strategy, r.trade_type
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::numeric[],
              $8::timestamptz[], $9::text[], $10::text[])
       WITH ORDINALITY AS r (trade_id, order_id, account_id, symbol, quantity, price, commission, executed_at, strategy,
                             trade_type, n)
 ORDER BY r.n
    ON CONFLICT (trade_id) DO NOTHING;
