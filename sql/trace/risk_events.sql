-- Risk events of correlation ids, and those of accounts, symbols and strategies within a span of time, a minute more included;
-- the newest 50, the oldest first. Parameters: $1 correlation ids, $2 account ids, $3 symbols, $4 strategies, $5 times that the
-- span has; arrays. Rights: SELECT on risk_management.risk_events.
SELECT id::text, at, event_type, severity, account_id, symbol, strategy, left(message, 300) AS message, correlation_id,
       acknowledged_at, acknowledged_by, resolved_at
  FROM (SELECT r.*, r.occurred_at AS at FROM risk_management.risk_events AS r
         WHERE r.id = ANY (ARRAY(SELECT c.id FROM risk_management.risk_events AS c WHERE c.correlation_id = ANY ($1::text[])
                                  UNION
                                 SELECT o.id FROM risk_management.risk_events AS o
                                  WHERE o.occurred_at >= (SELECT min(t) FROM unnest($5::timestamptz[]) AS t)
                                    AND o.occurred_at <= (SELECT max(t) FROM unnest($5::timestamptz[]) AS t) + interval '60 s'
                                    AND (o.account_id = ANY ($2::text[]) OR o.account_id IS NULL)
                                    AND (o.symbol = ANY ($3::text[]) OR o.symbol IS NULL)
                                    AND (o.strategy = ANY ($4::text[]) OR o.strategy IS NULL)
                                    AND num_nonnulls(o.account_id, o.symbol, o.strategy) > 0
                                    AND (o.correlation_id IS NULL OR o.correlation_id LIKE 'position\_limit:%')))
         ORDER BY r.occurred_at DESC, r.id DESC
         LIMIT 50) AS newest
 ORDER BY at, id;
