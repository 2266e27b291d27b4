-- Sequences are ahead of their tables.
-- order: 120
-- severity: fail
-- every: 15 minutes
-- why: The next insert would take an id that already exists, and fail.
-- remedy: SELECT setval('SEQUENCE', (SELECT max(id) FROM TABLE));
-- rights: SELECT on the tables, and on the sequences (their owner, or pg_read_all_data)
--
-- A restore, or a load that brings ids along, leaves sequences behind.
SELECT * FROM (
    SELECT 'execution.orders_id_seq' AS object,
        pg_sequence_last_value(to_regclass('execution.orders_id_seq')) AS last_value,
        (SELECT max(id) FROM execution.orders) AS highest_id
    UNION ALL SELECT 'execution.trades_id_seq', pg_sequence_last_value(to_regclass('execution.trades_id_seq')),
        (SELECT max(id) FROM execution.trades)
    UNION ALL SELECT 'execution.positions_id_seq', pg_sequence_last_value(to_regclass('execution.positions_id_seq')),
        (SELECT max(id) FROM execution.positions)
    UNION ALL SELECT 'logging.system_logs_id_seq', pg_sequence_last_value(to_regclass('logging.system_logs_id_seq')),
        (SELECT max(id) FROM logging.system_logs)
    UNION ALL SELECT 'shared.audit_log_id_seq', pg_sequence_last_value(to_regclass('shared.audit_log_id_seq')),
        (SELECT max(id) FROM shared.audit_log)
) AS sequences
WHERE highest_id > COALESCE(last_value, 0)
ORDER BY object;
