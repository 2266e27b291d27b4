-- Ten errors of the execution service.
-- No parameters. Rights: INSERT on logging.system_logs.
INSERT INTO logging.system_logs (service, level, event_type, message, correlation_id)
SELECT 'execution', 'ERROR', 'gateway_lost',
       'The gateway refused the order: session not logged on.', 'O-demo-' || n
  FROM generate_series(1, 10) AS n
