-- Gives the first position the quantity that its trades come to.
-- No parameters. Rights: SELECT and UPDATE on execution.positions, SELECT on execution.trades.
UPDATE execution.positions AS p
   SET quantity = greatest(0, b.quantity)
  FROM (SELECT o.id, (SELECT coalesce(sum(CASE WHEN t.side = 'sell' THEN -t.quantity ELSE t.quantity END), 0)
                        FROM execution.trades AS t
                       WHERE t.account_id = o.account_id AND t.symbol = o.symbol) AS quantity
          FROM execution.positions AS o
         ORDER BY o.account_id, o.symbol
         LIMIT 1) AS b
 WHERE p.id = b.id
