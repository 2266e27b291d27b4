-- Corrects a trade's row. Figures that it stated for what it was are replaced: NULL leaves them to the reckoning.
-- Parameters: $1 trade_id; $2 price, $3 quantity, $4 commission, $5 side, $6 executed at, $7 strategy, $8 trade type (NULL: as
-- it is); $9 total value, $10 realised P&L, $11 win rate. Returns the trade, if it is there.
-- Rights: SELECT, UPDATE (these columns) on execution.trades.
UPDATE execution.trades
   SET price = coalesce($2::numeric, price), quantity = coalesce($3::numeric, quantity),
       commission = coalesce($4::numeric, commission), side = coalesce($5::execution.order_side, side),
       executed_at = coalesce($6::timestamptz, executed_at), strategy = coalesce($7, strategy),
       trade_type = coalesce($8, trade_type), total_value = $9::numeric, realized_pnl = $10::numeric,
       win_rate = $11::numeric
 WHERE trade_id = $1
RETURNING trade_id
