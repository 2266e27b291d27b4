-- Records rejected orders as risk events.
-- $1 account_id, $2 strategy, $3 symbol, $4 order's value, $5 message, $6 order_id, $7 occurred_at; arrays.
-- Rights: INSERT on risk_management.risk_events, SELECT on risk_management.risk_limits.
INSERT INTO risk_management.risk_events (risk_limit_id, event_type, severity, account_id, strategy, symbol,
                                         observed_value, limit_value, message, correlation_id, occurred_at)
SELECT l.id, 'order_rejected', 'info', r.account_id, r.strategy, r.symbol, r.value, l.limit_value, r.message,
       r.order_id, r.at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::text[], $6::text[], $7::timestamptz[])
       AS r (account_id, strategy, symbol, value, message, order_id, at)
  LEFT JOIN risk_management.risk_limits AS l ON l.limit_type = 'max_order_value' AND l.account_id = r.account_id
 ORDER BY r.at, r.order_id;
