-- Every trade names its order.
-- order: 20
-- severity: warn
-- every: 15 minutes
-- why: A trade that does not state its side has it from its order: without both, its position cannot be computed.
-- remedy: Look at it with tradetop trade show ID. State its side: tradetop trade correct ID --side … --reason …
-- rights: SELECT on execution.trades
--
-- $1: of trades created since.
WITH found AS MATERIALIZED (
    SELECT id, trade_id, account_id, symbol, side, quantity, executed_at
    FROM execution.trades
    WHERE ($1::interval IS NULL OR created_at >= now() - $1::interval) AND order_id IS NULL
)
SELECT trade_id, account_id, symbol, side, quantity, executed_at FROM found ORDER BY id LIMIT 501;
