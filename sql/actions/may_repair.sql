-- Whether this role may write what the synchroniser writes, and how much there is to repair.
-- No parameters. Returns also the events in quarantine, the accounts, and the trades in the ledger as the planner
-- estimates them.
-- Rights: SELECT on analytics.sync_quarantine, sync_ledger.
SELECT has_table_privilege('analytics.sync_ledger', 'INSERT') AND has_table_privilege('analytics.portfolio_summary', 'UPDATE')
           AND has_table_privilege('analytics.sync_quarantine', 'UPDATE')
           AND has_column_privilege('execution.positions', 'market_value', 'UPDATE') AS may,
       (SELECT count(*) FROM analytics.sync_quarantine WHERE resolved_at IS NULL)::text AS quarantined,
       (SELECT count(DISTINCT account_id) FROM analytics.portfolio_summary)::text AS accounts,
       (SELECT reltuples::bigint FROM pg_class WHERE oid = 'analytics.sync_ledger'::regclass)::text AS ledger
