-- Records a risk event for each account whose exposure nears its limit, or is beyond it, unless such an event is open.
-- No parameters. Rights: SELECT on execution.positions, SELECT on risk_management.risk_limits, SELECT and INSERT on
-- risk_management.risk_events.
WITH exposures AS (
    SELECT l.id, l.account_id, l.limit_value, sum(p.market_value) AS exposure,
           CASE WHEN sum(p.market_value) >= l.limit_value THEN 'critical' ELSE 'warning' END AS severity
      FROM risk_management.risk_limits AS l
      JOIN execution.positions AS p ON p.account_id = l.account_id AND p.quantity > 0
     WHERE l.limit_type = 'max_exposure' AND l.enabled
     GROUP BY l.id, l.account_id, l.limit_value, l.warn_fraction
    HAVING sum(p.market_value) >= l.limit_value * l.warn_fraction
)
INSERT INTO risk_management.risk_events (risk_limit_id, event_type, severity, account_id, observed_value, limit_value, message)
SELECT e.id, 'max_exposure', e.severity, e.account_id, e.exposure, e.limit_value,
       'Exposure of ' || e.account_id || ' is ' || round(100 * e.exposure / e.limit_value) || ' % of its limit.'
  FROM exposures AS e
 WHERE NOT EXISTS (SELECT FROM risk_management.risk_events AS o
                    WHERE o.risk_limit_id = e.id AND o.event_type = 'max_exposure' AND o.severity = e.severity
                      AND o.resolved_at IS NULL)
 ORDER BY e.account_id;
