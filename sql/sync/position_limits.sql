-- One effect: measures position limits against what is held now, and records each breach once, when it begins, as a risk event,
-- and that it is over. The caller holds their locks (position_limits_lock.sql).
-- $1 symbols that changed, a text array: measures the limits that these can change. NULL: all limits, those of strategies too,
-- which take a sum over their trades.
-- What the accounts hold is in execution.positions. What a strategy holds is the sum of its trades in the ledger, archived ones
-- too, symbol by symbol without sign. It is valued at the last prices, or at cost where there is none; what is not
-- known, or no number, is NULL, and then a breach neither begins nor ends. At its limit a position is not over it.
-- Returns a row for each breach that began or ended: limit_id, event_id, began.
-- Rights: SELECT on execution.positions, analytics.sync_marks, sync_ledger and archived_sync_ledger, risk_management.position_limits
-- and risk_events; INSERT and UPDATE on columns of risk_events, UPDATE on columns of position_limits.
WITH limits AS MATERIALIZED (
    SELECT * FROM risk_management.position_limits
     WHERE $1::text[] IS NULL OR strategy IS NULL AND (symbol IS NULL OR symbol = ANY ($1::text[]))
), held AS MATERIALIZED (
    SELECT p.account_id, p.symbol, p.quantity,
           coalesce(round(p.quantity * m.price, 4), p.market_value, round(p.quantity * p.avg_price, 4)) AS value
      FROM execution.positions AS p
      LEFT JOIN analytics.sync_marks AS m USING (symbol)
     WHERE p.quantity > 0 AND EXISTS (SELECT FROM limits WHERE enabled AND strategy IS NULL)
), of_strategies AS MATERIALIZED (
    SELECT e.strategy, e.account_id, e.symbol, sum(CASE e.side WHEN 'buy' THEN e.quantity WHEN 'sell' THEN -e.quantity END) AS quantity
      FROM (SELECT strategy, account_id, symbol, side, quantity FROM analytics.sync_ledger
             UNION ALL
            SELECT strategy, account_id, symbol, side, quantity FROM analytics.archived_sync_ledger) AS e
     WHERE e.strategy = ANY (ARRAY(SELECT strategy FROM limits WHERE enabled AND strategy IS NOT NULL))
     GROUP BY e.strategy, e.account_id, e.symbol
), measured AS MATERIALIZED (
    SELECT l.id, l.enabled, l.breached_at, l.event_id, l.account_id, l.strategy, l.symbol, l.max_quantity, l.max_value, l.used_quantity,
           l.used_value, CASE WHEN l.max_quantity IS NOT NULL AND u.quantity < 'Infinity' THEN u.quantity END AS quantity,
           CASE WHEN l.max_value IS NOT NULL AND u.value < 'Infinity' THEN u.value END AS value
      FROM limits AS l
      LEFT JOIN LATERAL (
            (SELECT coalesce(sum(h.quantity), 0) AS quantity, coalesce(sum(h.value), 0) AS value
               FROM held AS h
              WHERE (l.account_id IS NULL OR h.account_id = l.account_id) AND (l.symbol IS NULL OR h.symbol = l.symbol)
             HAVING l.strategy IS NULL)
             UNION ALL
            (SELECT coalesce(sum(abs(s.quantity)), 0), CASE WHEN bool_and(s.quantity = 0 OR m.price IS NOT NULL) IS NOT FALSE
                                                            THEN coalesce(sum(round(abs(s.quantity) * m.price, 4)), 0) END
               FROM (SELECT o.symbol, sum(o.quantity) AS quantity
                       FROM of_strategies AS o
                      WHERE o.strategy = l.strategy AND (l.account_id IS NULL OR o.account_id = l.account_id)
                        AND (l.symbol IS NULL OR o.symbol = l.symbol)
                      GROUP BY o.symbol) AS s
               LEFT JOIN analytics.sync_marks AS m USING (symbol)
             HAVING l.strategy IS NOT NULL)) AS u ON l.enabled
), judged AS MATERIALIZED (
    SELECT m.*, CASE WHEN NOT m.enabled THEN false
                     WHEN m.quantity > m.max_quantity OR m.value > m.max_value THEN true
                     WHEN m.max_quantity IS NOT NULL AND m.quantity IS NULL OR m.max_value IS NOT NULL AND m.value IS NULL
                         THEN m.breached_at IS NOT NULL
                     ELSE false END AS breached,
           coalesce(m.quantity / m.max_quantity, 0) >= coalesce(m.value / m.max_value, 0) AS by_quantity
      FROM measured AS m
), began AS (
    INSERT INTO risk_management.risk_events (event_type, severity, account_id, strategy, symbol, observed_value, limit_value, message,
                                             correlation_id)
    SELECT 'position_limit', 'critical', j.account_id, j.strategy, j.symbol,
           CASE WHEN abs(o.observed) < 1e16 THEN o.observed END, o.most,
           format('Position of %s: %s %s is over its limit of %s.', concat_ws(' ', j.account_id, j.strategy, j.symbol),
                  CASE WHEN j.by_quantity THEN 'quantity' ELSE 'value' END, trim_scale(o.observed), trim_scale(o.most)),
           'position_limit:' || j.id
      FROM judged AS j
     CROSS JOIN LATERAL (SELECT CASE WHEN j.by_quantity THEN j.quantity ELSE j.value END AS observed,
                                CASE WHEN j.by_quantity THEN j.max_quantity ELSE j.max_value END AS most) AS o
     WHERE j.breached AND j.breached_at IS NULL
     ORDER BY j.id
    RETURNING id, correlation_id
), ended AS (
    UPDATE risk_management.risk_events AS e
       SET resolved_at = now(), updated_at = now(), version = e.version + 1
      FROM judged AS j
     WHERE NOT j.breached AND j.breached_at IS NOT NULL AND e.id = j.event_id AND e.resolved_at IS NULL
    RETURNING e.id
), changed AS (
    UPDATE risk_management.position_limits AS l
       SET used_quantity = j.quantity, used_value = j.value, evaluated_at = now(),
           breached_at = CASE WHEN j.breached THEN coalesce(l.breached_at, now()) END,
           event_id = CASE WHEN j.breached THEN coalesce(b.id, l.event_id) END
      FROM judged AS j
      LEFT JOIN began AS b ON b.correlation_id = 'position_limit:' || j.id
     WHERE l.id = j.id
       AND ((j.quantity, j.value, j.breached) IS DISTINCT FROM (l.used_quantity, l.used_value, l.breached_at IS NOT NULL)
            OR l.evaluated_at IS NULL OR l.evaluated_at < now() - interval '20 seconds')
    RETURNING l.id
)
SELECT j.id::text AS limit_id, coalesce(b.id, j.event_id)::text AS event_id, j.breached AS began
  FROM judged AS j
  LEFT JOIN began AS b ON b.correlation_id = 'position_limit:' || j.id
 WHERE j.breached <> (j.breached_at IS NOT NULL)
 ORDER BY j.id;
