-- The positions of the desk's accounts, closed ones included. $1 accounts, $2 symbols. Rights: SELECT on execution.positions.
SELECT account_id, symbol, quantity, avg_price, coalesce(realized_pnl, 0) AS realized_pnl
  FROM execution.positions
 WHERE account_id = ANY ($1::text[]) AND symbol = ANY ($2::text[])
 ORDER BY account_id, symbol;
