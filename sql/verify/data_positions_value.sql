-- Every position is valued at its mark.
-- order: 70
-- severity: warn
-- every: 15 minutes
-- why: Value and unrealised P&L were not computed from the mark that is stored beside them.
-- remedy: The next market data of the symbol corrects it; if not, check that tradetop sync runs.
-- rights: SELECT on execution.positions
--
-- A difference of up to 0.001 is rounding. Positions without a mark are skipped.
SELECT account_id, symbol, quantity, avg_price, last_price, market_value,
    round(quantity * last_price, 4) AS value_by_mark,
    unrealized_pnl, round(quantity * (last_price - avg_price), 4) AS pnl_by_mark
FROM execution.positions
WHERE last_price IS NOT NULL AND (abs(market_value - quantity * last_price) > 0.001
    OR abs(unrealized_pnl - quantity * (last_price - avg_price)) > 0.001)
ORDER BY account_id, symbol
LIMIT 501;
