-- Writes the strategies' signals, with the resulting orders.
-- $1 strategy, $2 symbol, $3 signal, $4 strength, $5 price, $6 quantity, $7 order_id, $8 generated_at; arrays.
-- Rights: INSERT on strategy_engine.strategy_signals.
INSERT INTO strategy_engine.strategy_signals (strategy, symbol, signal, strength, price, quantity, order_id,
                                              generated_at, expires_at, correlation_id)
SELECT r.strategy, r.symbol, r.signal, r.strength, r.price, r.quantity, r.order_id, r.at, r.at + interval '5 minutes', r.order_id
  FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::numeric[], $7::text[], $8::timestamptz[])
       AS r (strategy, symbol, signal, strength, price, quantity, order_id, at)
 ORDER BY r.at, r.order_id;
