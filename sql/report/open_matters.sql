-- What is open now and needs somebody, a row a kind and subject: alerts that stand and are nobody's effect, risk events that
-- nobody has acknowledged and that are more than information, events in quarantine, open gaps, strategies that do not trade. At
-- most 200 rows a kind, the oldest first.
-- No parameters.
-- Rights: SELECT on shared.alert_lives, risk_management.risk_events, analytics.sync_quarantine and sync_gaps, and strategy_engine.strategies.
(SELECT 'alert' AS what, left(alert, 200) AS id, concat_ws(' ', severity, left(text, 300)) AS of, fired_at AS since
   FROM shared.alert_lives
  WHERE cleared_at IS NULL AND caused_by IS NULL
  ORDER BY severity, fired_at
  LIMIT 200)
 UNION ALL
(SELECT 'risk event', e.id::text, concat_ws(' ', severity, account_id, strategy, symbol, left(message, 200)),
        occurred_at
   FROM risk_management.risk_events AS e
  WHERE acknowledged_at IS NULL AND resolved_at IS NULL AND severity <> 'info'
  ORDER BY occurred_at
  LIMIT 200)
 UNION ALL
(SELECT 'quarantine', q.id::text, concat_ws(' ', kind, left(event_key, 100), left(reason, 200)), first_at
   FROM analytics.sync_quarantine AS q
  WHERE resolved_at IS NULL
  ORDER BY q.id
  LIMIT 200)
 UNION ALL
(SELECT 'gap', g.id::text, concat_ws(' ', worker, reason, left(error, 200)), ended_at
   FROM analytics.sync_gaps AS g
  WHERE filled_at IS NULL
  ORDER BY g.id
  LIMIT 200)
 UNION ALL
(SELECT 'strategy', name, 'is ' || status, updated_at
   FROM strategy_engine.strategies
  WHERE status <> 'active'
  ORDER BY name
  LIMIT 200);
