-- Gives the first position a quantity that its trades do not have.
-- No parameters. Rights: SELECT and UPDATE on execution.positions, SELECT on execution.trades and orders.
UPDATE execution.positions AS p
   SET quantity = 1000 + greatest(0, b.quantity)
  FROM (SELECT o.id, (SELECT sum(CASE WHEN t.side = 'sell' THEN -t.quantity ELSE t.quantity END)
                        FROM execution.trades AS t
                       WHERE t.account_id = o.account_id AND t.symbol = o.symbol) AS quantity
          FROM execution.positions AS o
         ORDER BY o.account_id, o.symbol
         LIMIT 1) AS b
 WHERE p.id = b.id AND p.quantity IS DISTINCT FROM 1000 + greatest(0, b.quantity)
