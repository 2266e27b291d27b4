-- Realised P&L of trades whose events do not state it: by average cost over the account's trades of the symbol, in the
-- order of execution. Takes all trades of a batch that share account and symbol with such a trade; their rows in the
-- table, visible already or not, do not count beside them.
-- Parameters, text arrays: $1 trade_id, $2 account, $3 symbol, $4 side or NULL, $5 quantity, $6 price, $7 commission or
-- NULL, $8 executed at, $9 trade_type or NULL.
-- Rights: SELECT on execution.trades and execution.orders.
WITH batch AS (
    SELECT trade_id, account_id::varchar, symbol::varchar,
           coalesce(side, CASE trade_type WHEN 'opening' THEN 'buy' WHEN 'closing' THEN 'sell' WHEN 'partial' THEN 'sell' END)
               AS side, quantity::numeric, price::numeric, commission::numeric, executed_at::timestamptz
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
        AS b(trade_id, account_id, symbol, side, quantity, price, commission, executed_at, trade_type)
), history AS (
    SELECT t.trade_id, t.account_id, t.symbol,
           coalesce(o.side::text, CASE t.trade_type WHEN 'opening' THEN 'buy' WHEN 'closing' THEN 'sell'
                                                    WHEN 'partial' THEN 'sell' END) AS side,
           t.quantity, t.price, t.commission, t.executed_at
      FROM execution.trades AS t
      JOIN (SELECT DISTINCT account_id, symbol FROM batch) AS pairs USING (account_id, symbol)
      LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
     WHERE NOT EXISTS (SELECT FROM batch AS b WHERE b.trade_id = t.trade_id)
    UNION ALL
    SELECT * FROM batch
), costed AS (
    SELECT array_agg(trade_id ORDER BY executed_at, trade_id) AS ids,
           analytics.realised_by_average_cost(
               array_agg(side ORDER BY executed_at, trade_id), array_agg(quantity ORDER BY executed_at, trade_id),
               array_agg(price ORDER BY executed_at, trade_id), array_agg(commission ORDER BY executed_at, trade_id))
               AS realised
      FROM history GROUP BY account_id, symbol
)
SELECT c.trade_id, c.pnl::text AS realized_pnl
  FROM costed, unnest(costed.ids, costed.realised) AS c(trade_id, pnl) JOIN batch AS b USING (trade_id)
 ORDER BY c.trade_id
