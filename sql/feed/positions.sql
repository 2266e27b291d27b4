-- Writes the present state of positions: one row for each account and symbol, in their order, so that two writers cannot
-- deadlock.
-- $1 account_id, $2 symbol, $3 quantity, $4 avg_price, $5 market_value, $6 unrealized_pnl, $7 realized_pnl, $8 mark,
-- $9 last_updated; arrays. Rights: INSERT and UPDATE on execution.positions.
INSERT INTO execution.positions AS p (account_id, symbol, quantity, avg_price, market_value, unrealized_pnl,
                                      realized_pnl, last_price, last_price_at, last_updated)
SELECT r.account_id, r.symbol, r.quantity, r.avg_price, r.market_value, r.unrealized_pnl, r.realized_pnl, r.mark,
       r.last_updated, r.last_updated
  FROM unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
              $8::numeric[], $9::timestamptz[])
       AS r (account_id, symbol, quantity, avg_price, market_value, unrealized_pnl, realized_pnl, mark, last_updated)
 ORDER BY r.account_id, r.symbol
    ON CONFLICT (account_id, symbol) DO UPDATE
   SET quantity = excluded.quantity, avg_price = excluded.avg_price, market_value = excluded.market_value,
       unrealized_pnl = excluded.unrealized_pnl, realized_pnl = excluded.realized_pnl, last_price = excluded.last_price,
       last_price_at = excluded.last_price_at, last_updated = excluded.last_updated, version = p.version + 1;
