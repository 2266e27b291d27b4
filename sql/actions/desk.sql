-- Whether the desk is trading: its open positions, and the age of the last trade.
-- Rights: SELECT on execution.positions and execution.trades.
SELECT (SELECT count(*) FROM execution.positions WHERE quantity > 0)  AS open_positions,
       (SELECT extract(epoch FROM clock_timestamp() - t.executed_at)::float8
        FROM execution.trades AS t ORDER BY t.id DESC LIMIT 1)        AS seconds_since_trade;
