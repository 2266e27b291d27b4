-- Waits for every transaction that settles trades, and keeps others from beginning until this one ends: all of them lock pairs
-- first (sync/lock_pairs). Reads continue, and so do writes of rows, positions and prices.
-- Rights: UPDATE or DELETE on analytics.sync_pairs.
LOCK TABLE analytics.sync_pairs IN SHARE ROW EXCLUSIVE MODE
