-- Settles what needs nobody any more: rejected orders after ten minutes, and exposures that are well below their limits again.
-- Whoever has not acknowledged them need not. No parameters.
-- Rights: SELECT on execution.positions and risk_management.risk_limits, SELECT and UPDATE on risk_management.risk_events.
UPDATE risk_management.risk_events AS e
   SET resolved_at = now(), acknowledged_at = coalesce(e.acknowledged_at, now()),
       acknowledged_by = coalesce(e.acknowledged_by, 'risk_management'), updated_at = now(), version = e.version + 1
 WHERE e.resolved_at IS NULL AND e.occurred_at > now() - interval '1 day'
   AND (e.event_type = 'order_rejected' AND e.occurred_at < now() - interval '10 minutes'
        OR e.event_type = 'max_exposure'
           AND EXISTS (SELECT FROM risk_management.risk_limits AS l
                        WHERE l.id = e.risk_limit_id
                          AND coalesce((SELECT sum(p.market_value) FROM execution.positions AS p
                                         WHERE p.account_id = l.account_id AND p.quantity > 0), 0)
                              < l.limit_value * l.warn_fraction * 0.95));
