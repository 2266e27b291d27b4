-- Positions whose market value or unrealised P&L is not that of their quantity, average and mark; a difference in the
-- last digits is rounding. Positions without a mark are passed over. Rights: SELECT on execution.positions.
SELECT account_id, symbol, quantity, avg_price, last_price, market_value,
    round(quantity * last_price, 4) AS value_by_mark,
    unrealized_pnl, round(quantity * (last_price - avg_price), 4) AS pnl_by_mark
FROM execution.positions
WHERE last_price IS NOT NULL AND (abs(market_value - quantity * last_price) > 0.001
    OR abs(unrealized_pnl - quantity * (last_price - avg_price)) > 0.001)
ORDER BY account_id, symbol
LIMIT 20;
