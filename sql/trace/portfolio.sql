-- What was summed up for accounts and symbols. Parameters: $1 account ids, $2 symbols; arrays of the same length.
-- Rights: SELECT on analytics.portfolio_summary.
SELECT account_id, symbol, total_trades::text, total_value::text, realized_pnl::text
  FROM analytics.portfolio_summary
 WHERE (account_id, symbol) IN (SELECT * FROM unnest($1::text[], $2::text[]));
