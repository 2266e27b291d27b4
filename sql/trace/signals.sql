-- The signals that orders came of, that have a correlation id, or one by its number; at most 5,000, the oldest first.
-- Parameters: $1 order ids and correlation ids, an array; $2 a signal's number, or null.
-- Rights: SELECT on strategy_engine.strategy_signals.
SELECT s.id::text, s.strategy, s.symbol, s.signal, s.quantity::text, s.order_id, s.generated_at, s.expires_at, s.correlation_id
  FROM strategy_engine.strategy_signals AS s
 WHERE s.id = ANY (ARRAY(SELECT o.id FROM strategy_engine.strategy_signals AS o WHERE o.order_id = ANY ($1::text[])
                          UNION
                         SELECT c.id FROM strategy_engine.strategy_signals AS c WHERE c.correlation_id = ANY ($1::text[])
                          UNION
                         SELECT $2::bigint))
 ORDER BY s.generated_at, s.id
 LIMIT 5000;
