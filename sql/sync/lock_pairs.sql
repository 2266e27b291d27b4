-- Locks the pairs of account and symbol that trades belong to, by their rows, by the ledger and by their events, in one
-- order for all workers, until the transaction ends: a pair's trades are reckoned by one worker at a time.
-- Parameters, text arrays: $1 trade ids; $2 accounts and $3 symbols of their events. Returns how many pairs are locked.
-- Rights: SELECT on execution.trades, analytics.sync_ledger; SELECT, INSERT, UPDATE on analytics.sync_pairs.
WITH pairs AS (
    SELECT account_id::varchar, symbol::varchar FROM unnest($2::text[], $3::text[]) AS e(account_id, symbol)
     WHERE account_id IS NOT NULL
    UNION SELECT account_id, symbol FROM execution.trades WHERE trade_id = ANY ($1::text[])
    UNION SELECT account_id, symbol FROM analytics.sync_ledger WHERE trade_id = ANY ($1::text[])
), locked AS (
    INSERT INTO analytics.sync_pairs AS p (account_id, symbol)
    SELECT account_id, symbol FROM pairs ORDER BY account_id, symbol
        ON CONFLICT (account_id, symbol) DO UPDATE SET updated_at = now()
    RETURNING 1
)
SELECT count(*)::integer AS pairs, set_config('jit', 'off', true) AS jit FROM locked
