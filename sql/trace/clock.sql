-- The server's time, by which everything in a trace is written. No parameters. Rights: none.
SELECT clock_timestamp() AS now;
