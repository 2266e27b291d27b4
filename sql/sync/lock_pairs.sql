-- Locks the pairs of account and symbol that trades belong to, by their rows, by the ledger and by their events, in one
-- order for all workers, until the transaction ends: a pair's trades are reckoned by one worker at a time.
-- Parameters, text arrays: $1 trade ids; $2 accounts and $3 symbols of their events. Returns how many pairs are locked.
-- Each is looked up by its key (OFFSET 0), as in known.sql.
-- Rights: SELECT on execution.trades, analytics.sync_ledger; SELECT, INSERT, UPDATE on analytics.sync_pairs.
WITH pairs AS (
    SELECT account_id::varchar, symbol::varchar FROM unnest($2::text[], $3::text[]) AS e(account_id, symbol)
     WHERE account_id IS NOT NULL
    UNION SELECT t.account_id, t.symbol FROM unnest($1::text[]) AS i(trade_id),
                 LATERAL (SELECT account_id, symbol FROM execution.trades AS t WHERE t.trade_id = i.trade_id OFFSET 0) AS t
    UNION SELECT l.account_id, l.symbol FROM unnest($1::text[]) AS i(trade_id),
                 LATERAL (SELECT account_id, symbol FROM analytics.sync_ledger AS l WHERE l.trade_id = i.trade_id OFFSET 0) AS l
), locked AS (
    INSERT INTO analytics.sync_pairs AS p (account_id, symbol)
    SELECT account_id, symbol FROM pairs ORDER BY account_id, symbol
        ON CONFLICT (account_id, symbol) DO UPDATE SET updated_at = now()
    RETURNING 1
)
SELECT count(*)::integer AS pairs, set_config('jit', 'off', true) AS jit FROM locked
