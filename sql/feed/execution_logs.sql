-- Records the steps of orders; an existing one stays unchanged, so that a batch whose COMMIT was lost can be written again.
-- $1 order_id, $2 account_id, $3 symbol, $4 step, $5 status, $6 old_status or NULL, $7 occurred_at, $8 latency in milliseconds or
-- NULL, $9 filled, $10 trade_id or NULL, $11 reason or NULL; arrays. Rights: INSERT and SELECT on execution.execution_logs.
INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, old_status, occurred_at, latency_ms, filled,
                                      trade_id, reason)
SELECT r.order_id, r.account_id, r.symbol, r.step, r.status, r.old_status, r.at, r.latency, r.filled, r.trade_id, r.reason
  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::execution.order_status[], $6::execution.order_status[],
              $7::timestamptz[], $8::numeric[], $9::numeric[], $10::text[], $11::text[])
       WITH ORDINALITY AS r (order_id, account_id, symbol, step, status, old_status, at, latency, filled, trade_id, reason, n)
 ORDER BY r.n
    ON CONFLICT (order_id, step) DO NOTHING;
