-- Inserts an order that the table refuses: a quantity cannot be negative. $1 order_id, $2 symbol. Always fails with 23514.
-- Rights: INSERT on execution.orders.
INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
VALUES ($1, 'ACC-00', $2, 'sell', 'market', -100);
