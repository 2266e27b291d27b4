-- Trades by their ids or by their orders, also those of closed months; at most 5,000, in order of execution. Parameters: $1 trade
-- ids, $2 order ids; arrays; $3 the earliest time of execution that the archives are looked through for: months before are not
-- even planned for. Rights: SELECT on execution.trades and execution.archived_trades.
SELECT f.trade_id, f.order_id, f.account_id, f.symbol, f.side, f.quantity, f.price, f.strategy, f.executed_at, f.created_at,
       f.archived
  FROM (SELECT trade_id, order_id, account_id, symbol, side::text, quantity::text, price::text, strategy, executed_at,
               created_at, false AS archived
          FROM execution.trades
         WHERE id = ANY (ARRAY(SELECT t.id FROM execution.trades AS t WHERE t.trade_id = ANY ($1::text[])
                                UNION
                               SELECT t.id FROM execution.trades AS t WHERE t.order_id = ANY ($2::text[])))
         UNION ALL
        SELECT trade_id, order_id, account_id, symbol, side::text, quantity::text, price::text, strategy, executed_at,
               created_at, true
          FROM execution.archived_trades WHERE trade_id = ANY ($1::text[]) AND executed_at >= $3::timestamptz
         UNION ALL
        SELECT trade_id, order_id, account_id, symbol, side::text, quantity::text, price::text, strategy, executed_at,
               created_at, true
          FROM execution.archived_trades WHERE order_id = ANY ($2::text[]) AND trade_id <> ALL ($1::text[])
           AND executed_at >= $3::timestamptz) AS f
 ORDER BY f.executed_at, f.trade_id
 LIMIT 5000;
