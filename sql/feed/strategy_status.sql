-- The status of every strategy. No parameters. Rights: SELECT on strategy_engine.strategies.
SELECT name, status FROM strategy_engine.strategies;
