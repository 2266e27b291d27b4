-- Cancels the orders that an earlier run of the desk left working. $1 prefix of the orders' ids. Rights: UPDATE on execution.orders.
UPDATE execution.orders
   SET status = 'cancelled', updated_at = now(), version = version + 1
 WHERE status IN ('pending', 'submitted', 'partially_filled') AND starts_with(order_id, $1);
