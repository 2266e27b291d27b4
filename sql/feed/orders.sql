-- Writes the present state of orders, new ones and known ones; the same state again changes only the version.
-- $1 order_id, $2 account_id, $3 symbol, $4 side, $5 order_type, $6 quantity, $7 price, $8 stop_price, $9 time_in_force,
-- $10 status, $11 strategy, $12 session_id, $13 created_at, $14 updated_at; arrays but $12.
-- Rights: INSERT and UPDATE on execution.orders.
INSERT INTO execution.orders AS o (order_id, account_id, symbol, side, order_type, quantity, price, stop_price,
                                   time_in_force, status, strategy, session_id, created_at, updated_at)
SELECT r.order_id, r.account_id, r.symbol, r.side, r.order_type, r.quantity, r.price, r.stop_price,
       r.time_in_force, r.status, r.strategy, $12, r.created_at, r.updated_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::execution.order_side[], $5::execution.order_type[], $6::numeric[],
              $7::numeric[], $8::numeric[], $9::execution.time_in_force[], $10::execution.order_status[], $11::text[],
              $13::timestamptz[], $14::timestamptz[])
       AS r (order_id, account_id, symbol, side, order_type, quantity, price, stop_price, time_in_force, status,
             strategy, created_at, updated_at)
 ORDER BY r.order_id
    ON CONFLICT (order_id) DO UPDATE
   SET status = excluded.status, updated_at = excluded.updated_at, version = o.version + 1;
