-- Whether the desk is trading: its open positions, the age of the last trade, and when the market is open (JSON).
-- Rights: SELECT on execution.positions, execution.trades and shared.system_config.
SELECT (SELECT count(*) FROM execution.positions WHERE quantity > 0)  AS open_positions,
       (SELECT extract(epoch FROM clock_timestamp() - t.executed_at)::float8
        FROM execution.trades AS t ORDER BY t.id DESC LIMIT 1)        AS seconds_since_trade,
       (SELECT value::text FROM shared.system_config
        WHERE key = 'market.sessions')                               AS sessions;
