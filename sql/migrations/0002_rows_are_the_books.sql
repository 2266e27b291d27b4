-- The rows of execution.trades become the books: they have the figures that only events had, and the ledger has what it
-- takes to reckon realised P&L in order of execution, whatever order the trades come by.
--
-- Entries that an event brought keep their figures as that event's own. Those that came from the table are reckoned anew,
-- each account and symbol at its first trade after this, or by rebuild-analytics. An entry without a row keeps its figures.
ALTER TABLE execution.trades
    ADD COLUMN IF NOT EXISTS side execution.order_side,
    ADD COLUMN IF NOT EXISTS total_value DECIMAL(30,4),
    ADD COLUMN IF NOT EXISTS realized_pnl DECIMAL(30,4),
    ADD COLUMN IF NOT EXISTS win_rate DECIMAL(20,10);
UPDATE execution.trades SET created_at = now() WHERE created_at IS NULL;

-- Sums of values up to 10^22, which quantity × price may come to. A wider type rewrites no row.
ALTER TABLE analytics.portfolio_summary
    ALTER COLUMN total_value TYPE DECIMAL(38,4),
    ALTER COLUMN realized_pnl TYPE DECIMAL(38,4),
    ALTER COLUMN market_value TYPE DECIMAL(30,4),
    ALTER COLUMN unrealized_pnl TYPE DECIMAL(30,4);
ALTER TABLE analytics.performance_metrics
    ALTER COLUMN total_value TYPE DECIMAL(38,4),
    ALTER COLUMN realized_pnl TYPE DECIMAL(38,4);
ALTER TABLE analytics.sync_ledger
    ALTER COLUMN total_value TYPE DECIMAL(30,4),
    ALTER COLUMN realized_pnl TYPE DECIMAL(30,4),
    ADD COLUMN IF NOT EXISTS row_id BIGINT,
    ADD COLUMN IF NOT EXISTS executed_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN IF NOT EXISTS side VARCHAR(4),
    ADD COLUMN IF NOT EXISTS quantity NUMERIC,
    ADD COLUMN IF NOT EXISTS price NUMERIC,
    ADD COLUMN IF NOT EXISTS commission NUMERIC,
    ADD COLUMN IF NOT EXISTS held NUMERIC,
    ADD COLUMN IF NOT EXISTS average_cost NUMERIC,
    ADD COLUMN IF NOT EXISTS pnl_stated BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS win_stated BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS event JSONB;
UPDATE analytics.sync_ledger AS l
   SET row_id = t.id, executed_at = t.executed_at, quantity = t.quantity, price = t.price, commission = t.commission,
       side = coalesce(o.side::text, CASE t.trade_type WHEN 'opening' THEN 'buy' WHEN 'closing' THEN 'sell'
                                                       WHEN 'partial' THEN 'sell' END),
       pnl_stated = l.source = 'event', win_stated = l.source = 'event' AND l.win IS NOT NULL,
       event = CASE WHEN l.source = 'event' THEN jsonb_build_object('total_value', l.total_value::text, 'realized_pnl',
                   l.realized_pnl::text) || CASE WHEN l.win IS NULL THEN '{}'
                                                 ELSE jsonb_build_object('win_rate', l.win::text) END END
  FROM execution.trades AS t LEFT JOIN execution.orders AS o ON o.order_id = t.order_id
 WHERE t.trade_id = l.trade_id AND t.account_id = l.account_id AND t.symbol = l.symbol;

ALTER TABLE analytics.sync_quarantine ADD COLUMN IF NOT EXISTS resolution VARCHAR(10);
UPDATE analytics.sync_quarantine SET resolution = 'applied' WHERE resolved_at IS NOT NULL;

DROP INDEX IF EXISTS analytics.idx_sync_ledger_account_id;
DROP FUNCTION IF EXISTS analytics.realised_by_average_cost(text[], numeric[], numeric[], numeric[]);
