-- The recorded lives of orders, and the steps that are of a trade; at most 5,000, in order. Parameters: $1 order ids, $2 trade
-- ids; arrays. Rights: SELECT on execution.execution_logs.
SELECT s.order_id, s.step, s.status::text, s.occurred_at, s.filled::text, s.trade_id, left(s.reason, 300) AS reason
  FROM execution.execution_logs AS s
 WHERE s.id = ANY (ARRAY(SELECT o.id FROM execution.execution_logs AS o WHERE o.order_id = ANY ($1::text[])
                          UNION
                         SELECT t.id FROM execution.execution_logs AS t WHERE t.trade_id = ANY ($2::text[])))
 ORDER BY s.order_id, s.step
 LIMIT 5000;
