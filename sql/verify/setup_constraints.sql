-- Every constraint is in force.
-- order: 80
-- severity: fail
-- every: 15 minutes
-- why: Without them the database accepts impossible prices and quantities.
-- remedy: Drop a constraint that differs, correct the rows that tradetop verify --only data --full shows, then run: tradetop
--   setup
-- rights: none
--
-- CHECK constraints that are missing, weaker or different, or not validated. Casts and brackets are not compared, since
-- a restore from a dump writes them differently.
WITH expected AS (
    SELECT tab, split_part(entry, ' ', 1) AS name, substr(entry, strpos(entry, ' ') + 1) AS rule
    FROM (VALUES
        ('analytics.book_closings', 'first_of_month CHECK closed_before = date_trunc ''month'', closed_before, ''UTC'''),
        ('analytics.performance_metrics', 'valid_counts CHECK total_trades >= 0 AND win_count >= 0'),
        ('analytics.reports', 'day_with_its_kind CHECK kind = ''day'' = day IS NOT NULL; valid_kind CHECK kind = ANY ARRAY ''day'', ''shift''; valid_span CHECK from_at < to_at'),
        ('analytics.sync_gaps', 'valid_reason CHECK reason ~ ''^ first_start|restart|disconnect|frozen|overflow|lost|unexplained $''; valid_span CHECK started_at <= ended_at'),
        ('analytics.sync_ledger', 'valid_source CHECK source = ANY ARRAY ''event'', ''table'''),
        ('analytics.sync_quarantine', 'valid_kind CHECK kind = ANY ARRAY ''trades'', ''positions'', ''market_data''; '
         'valid_resolution CHECK resolution = ANY ARRAY ''applied'', ''accepted'', ''rejected'''),
        ('analytics.sync_restatements', 'valid_reason CHECK reason = ANY ARRAY ''late'', ''corrected'', ''busted'', ''row'', ''event'', ''rebuild'''),
        ('analytics.sync_workers', 'valid_mode CHECK mode = ANY ARRAY ''pubsub'', ''streams'', ''slot'''),
        ('data_ingestion.data_quality_logs', 'valid_severity CHECK severity = ANY ARRAY ''info'', ''warning'', ''error'', ''critical'''),
        ('data_ingestion.ingestion_status', 'error_with_its_state CHECK state = ''error'' = error IS NOT NULL; '
         'positive_interval CHECK expected_seconds > 0; valid_state CHECK state = ANY ARRAY ''ok'', ''late'', ''error'', '
         '''paused'''),
        ('data_ingestion.market_data', 'finite_prices CHECK ''NaN'' <> ALL ARRAY open, high, low, close; '
         'non_negative_volume CHECK volume >= 0; positive_prices CHECK open > 0 AND high > 0 AND low > 0 AND close > '
         '0; valid_ohlc CHECK high >= GREATEST open, close AND low <= LEAST open, close'),
        ('execution.execution_logs', 'finite_numbers CHECK ''NaN'' <> ALL ARRAY latency_ms, filled; non_negative_numbers CHECK '
         'latency_ms >= 0 AND filled >= 0; positive_step CHECK step > 0'),
        ('execution.orders', 'finite_numbers CHECK ''NaN'' <> ALL ARRAY quantity, price, stop_price; positive_quantity '
         'CHECK quantity > 0; valid_price CHECK price IS NULL OR price > 0; valid_stop_price CHECK stop_price IS NULL OR stop_price > 0'),
        ('execution.positions', 'finite_numbers CHECK ''NaN'' <> ALL ARRAY quantity, avg_price, market_value, '
         'unrealized_pnl, realized_pnl, last_price; non_negative_quantity CHECK quantity >= 0'),
        ('execution.trades', 'finite_figures CHECK ''NaN'' <> ALL ARRAY total_value, realized_pnl, win_rate; '
         'finite_numbers CHECK ''NaN'' <> ALL ARRAY quantity, price, commission; '
         'non_negative_commission CHECK commission >= 0; positive_price CHECK price > 0; positive_quantity CHECK '
         'quantity > 0; valid_trade_type CHECK trade_type = ANY ARRAY ''opening'', ''closing'', ''partial'''),
        ('logging.performance_logs', 'non_negative_numbers CHECK duration_ms >= 0 AND avg_query_time >= 0 AND '
         'total_queries >= 0 AND slow_query_count >= 0'),
        ('logging.system_logs', 'valid_level CHECK level = ANY ARRAY ''DEBUG'', ''INFO'', ''WARNING'', ''ERROR'', ''CRITICAL'''),
        ('notification.notification_configs', 'secret_is_encrypted CHECK get_byte secret, 0 = 195 AND get_byte secret, 2 '
         '= 4; secret_with_its_key CHECK secret IS NULL = secret_key_id IS NULL; '
         'valid_channel CHECK channel = ANY ARRAY ''email'', ''slack'', ''webhook'', ''sms'', ''pagerduty'', '
         '''telegram''; valid_severity CHECK min_severity = ANY ARRAY ''info'', ''warning'', ''critical'''),
        ('notification.notification_logs', 'non_negative_attempts CHECK attempts >= 0; valid_severity CHECK severity = '
         'ANY ARRAY ''info'', ''warning'', ''critical''; valid_status CHECK status = ANY ARRAY ''pending'', ''sent'', ''failed'', ''suppressed'''),
        ('notification.told_alerts', 'short_alert CHECK length alert >= 1 AND length alert <= 400; valid_severity CHECK '
         'severity = ANY ARRAY ''info'', ''warning'', ''critical'''),
        ('risk_management.position_limits', 'finite_limits CHECK ''NaN'' <> ALL ARRAY max_quantity, max_value; of_something CHECK '
         'account_id IS NOT NULL OR strategy IS NOT NULL OR symbol IS NOT NULL; positive_limits CHECK max_quantity > 0 AND '
         'max_value > 0; quantity_of_a_symbol CHECK max_quantity IS NULL OR symbol IS NOT NULL; some_limit CHECK '
         'max_quantity IS NOT NULL OR max_value IS NOT NULL; valid_warn_fraction CHECK warn_fraction > 0 AND warn_fraction <= 1'),
        ('risk_management.risk_events', 'acknowledged_by_someone CHECK acknowledged_at IS NULL = acknowledged_by IS '
         'NULL; valid_severity CHECK severity = ANY ARRAY ''info'', ''warning'', ''critical'''),
        ('risk_management.risk_limits', 'positive_limit CHECK limit_value > 0 AND limit_value <> ''NaN''; '
         'valid_limit_type CHECK limit_type = ANY ARRAY ''max_position_value'', ''max_position_quantity'', '
         '''max_order_value'', ''max_exposure'', ''max_daily_loss'', ''max_orders_per_minute''; valid_warn_fraction '
         'CHECK warn_fraction > 0 AND warn_fraction <= 1'),
        ('shared.alert_lives', 'short_alert CHECK length alert >= 1 AND length alert <= 400; valid_life CHECK fired_at <= '
         'last_seen_at; valid_severity CHECK severity = ANY ARRAY ''warn'', ''crit'''),
        ('shared.alert_marks', 'mute_with_its_end CHECK muted_at IS NULL = muted_minutes IS NULL; short_alert CHECK '
         'length alert >= 1 AND length alert <= 400'),
        ('shared.maintenance_runs', 'valid_outcome CHECK outcome = ANY ARRAY ''done'', ''partial'', ''skipped'', '
         '''cancelled'', ''failed'', ''missed'''),
        ('strategy_engine.strategies', 'valid_status CHECK status = ANY ARRAY ''active'', ''paused'', ''stopped'''),
        ('strategy_engine.strategy_performance', 'non_negative_drawdown CHECK max_drawdown >= 0; valid_counts CHECK '
         'signals >= 0 AND winning_trades >= 0 AND winning_trades <= total_trades'),
        ('strategy_engine.strategy_signals', 'positive_price CHECK price > 0 AND price <> ''NaN''; positive_quantity '
         'CHECK quantity > 0 AND quantity <> ''NaN''; valid_signal CHECK signal = ANY ARRAY ''buy'', ''sell'', '
         '''hold''; valid_strength CHECK strength >= 0 AND strength <= 1')
    ) AS tables (tab, list), unnest(string_to_array(list, '; ')) AS entry
), actual AS (
    SELECT to_regclass(tab) AS rel, expected.*, convalidated, btrim(replace(regexp_replace(regexp_replace(
        pg_get_constraintdef(c.oid), '::(character varying|[a-z_.]+)(\(\d+(,\d+)?\))?(\[\])?', '', 'g'),
        '[][()"\s]+', ' ', 'g'), ' ,', ',')) AS found
    FROM expected LEFT JOIN pg_constraint AS c ON conrelid = to_regclass(tab) AND conname = name
)
SELECT tab || ' ' || name AS object, CASE WHEN found IS NULL THEN 'is missing'
    WHEN NOT convalidated THEN 'is not valid: rows from before may break it'
    ELSE format('is %s, not %s', found, rule) END AS problem
FROM actual
WHERE rel IS NOT NULL AND (found IS DISTINCT FROM rule OR NOT convalidated)
ORDER BY object
LIMIT 501;
