-- Cancels the orders that an earlier run of the desk left working, and records that step of their lives. $1 prefix of the orders'
-- ids. Rights: SELECT and UPDATE on execution.orders, SELECT and INSERT on execution.execution_logs.
WITH stale AS MATERIALIZED (
    SELECT id, order_id, status AS old_status
      FROM execution.orders
     WHERE status IN ('pending', 'submitted', 'partially_filled') AND starts_with(order_id, $1)
       FOR UPDATE
), cancelled AS (
    UPDATE execution.orders AS o
       SET status = 'cancelled', updated_at = now(), version = o.version + 1
      FROM stale AS s
     WHERE o.id = s.id
    RETURNING o.order_id, o.account_id, o.symbol, s.old_status
)
INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, old_status, occurred_at, latency_ms, filled, reason)
SELECT c.order_id, c.account_id, c.symbol, coalesce(last.step, 0) + 1, 'cancelled', c.old_status, now(),
       greatest(1000 * extract(epoch FROM now() - last.occurred_at), 0), coalesce(last.filled, 0), 'the desk was stopped'
  FROM cancelled AS c
  LEFT JOIN LATERAL (SELECT step, occurred_at, filled
                       FROM execution.execution_logs AS e
                      WHERE e.order_id = c.order_id
                      ORDER BY step DESC
                      LIMIT 1) AS last ON true
 ORDER BY c.order_id;
