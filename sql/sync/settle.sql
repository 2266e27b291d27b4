-- Makes the ledger's entries of trades what they are given as, and analytics the sum of the ledger: one effect. What no row
-- and no event states is reckoned by average cost in order of execution (executed_at, then trade_id by its bytes). A trade
-- that is late, changed or gone restates what was reckoned for all after it; every figure that had been counted leaves a
-- restatement. To run it again changes nothing. lock_pairs.sql comes before it in the same transaction. What was executed before
-- the books' last closing is left alone: it is reckoned from the opening balances on.
-- Parameters, text arrays. Entries: $1 trade_id, $2 account, $3 symbol, $4 strategy, $5 side, $6 quantity, $7 price,
-- $8 commission, $9 executed at, $10 row, $11 source, $12 total value, $13 realised P&L and $14 win where they are stated,
-- $15 whether it has an outcome, $16 what its event states beyond its row, $17 reason, $18 whether it changes what is
-- reckoned, $19 when its event was published, $20 received, $21 by which entry of the stream. $22 trades that no longer count. Pairs to reckon from the beginning: $23 account, $24 symbol.
-- Returns counts, and the accounts whose summaries changed. `entered` below `due`: another worker was faster, with another
-- pair; roll back and begin again.
-- Rights, in analytics: SELECT, INSERT, UPDATE, DELETE on sync_ledger; INSERT on sync_restatements; SELECT, INSERT, UPDATE on
-- sync_pairs, portfolio_summary and performance_metrics; SELECT on book_closings and opening_balances.
WITH cut AS MATERIALIZED (SELECT coalesce(max(closed_before), '-infinity') AS at FROM analytics.book_closings
), news AS MATERIALIZED (
    SELECT n.*, (n.executed_at AT TIME ZONE 'UTC')::date AS trade_date, (l.old).trade_id IS NOT NULL AS counted, l.old
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[],
                  $9::timestamptz[], $10::bigint[], $11::text[], $12::numeric[], $13::numeric[], $14::numeric[],
                  $15::boolean[], $16::jsonb[], $17::text[], $18::boolean[], $19::timestamptz[], $20::timestamptz[], $21::text[])
        AS n(trade_id, account_id, symbol, strategy, side, quantity, price, commission, executed_at, row_id, source,
             total_value, realized_pnl, win, outcome, event, reason, moves, published_at, received_at, arrival)
      LEFT JOIN LATERAL (SELECT e AS old FROM analytics.sync_ledger AS e WHERE e.trade_id = n.trade_id OFFSET 0) AS l ON true
), gone AS MATERIALIZED (SELECT * FROM analytics.sync_ledger WHERE trade_id = ANY ($22::text[])
), places AS (
    SELECT account_id, symbol, executed_at, trade_id, trade_id AS cause, reason FROM news WHERE moves
    UNION ALL SELECT (old).account_id, (old).symbol, (old).executed_at, trade_id, trade_id, reason FROM news
     WHERE moves AND counted AND (old).executed_at IS NOT NULL
    UNION ALL SELECT account_id, symbol, executed_at, trade_id, trade_id, 'busted' FROM gone WHERE executed_at IS NOT NULL
    UNION ALL SELECT account_id, symbol, '-infinity', '', '', 'rebuild' FROM unnest($23::text[], $24::text[]) AS r(account_id, symbol)
), affected AS MATERIALIZED (
    SELECT DISTINCT ON (account_id, symbol) account_id, symbol, cause, reason, p.held, p.average_cost,
           CASE WHEN p.last_executed_at IS NULL THEN cut.at ELSE greatest(executed_at, cut.at) END AS from_at,
           CASE WHEN p.last_executed_at IS NULL THEN '' ELSE trade_id END AS from_id,
           coalesce((executed_at, trade_id COLLATE "C") > (p.last_executed_at, p.last_trade_id COLLATE "C"), false) AS appends
      FROM cut, places JOIN analytics.sync_pairs AS p USING (account_id, symbol)
     ORDER BY account_id, symbol, executed_at, trade_id COLLATE "C"
), bases AS MATERIALIZED (
    SELECT a.account_id, a.symbol, b.executed_at, b.trade_id, CASE WHEN appends THEN a.held ELSE coalesce(b.held, 0) END AS held,
           CASE WHEN appends THEN a.average_cost ELSE coalesce(b.average_cost, 0) END AS average_cost
      FROM affected AS a LEFT JOIN LATERAL (
               (SELECT l.held, l.average_cost, l.executed_at, l.trade_id FROM analytics.sync_ledger AS l
                 WHERE l.account_id = a.account_id AND l.symbol = a.symbol AND l.executed_at >= (SELECT at FROM cut)
                   AND (l.executed_at, l.trade_id COLLATE "C") < (a.from_at, a.from_id COLLATE "C")
                 ORDER BY l.executed_at DESC, l.trade_id COLLATE "C" DESC LIMIT 1)
               UNION ALL
               (SELECT o.held, o.average_cost, o.last_executed_at, o.last_trade_id FROM analytics.opening_balances AS o
                 WHERE o.account_id = a.account_id AND o.symbol = a.symbol ORDER BY o.closed_before DESC LIMIT 1)
               ORDER BY executed_at DESC LIMIT 1) AS b ON NOT a.appends
), steps AS MATERIALIZED (
    SELECT account_id, symbol, trade_id, executed_at, side, quantity, price, commission, reason, trade_id AS cause,
           NULL::analytics.sync_ledger AS entry, false AS later
      FROM news WHERE moves
    UNION ALL SELECT l.account_id, l.symbol, l.trade_id, l.executed_at, l.side, l.quantity, l.price, l.commission, a.reason, a.cause, l.entry, true
      FROM affected AS a, LATERAL (
               SELECT e.*, e AS entry FROM analytics.sync_ledger AS e
                WHERE e.account_id = a.account_id AND e.symbol = a.symbol AND NOT a.appends
                  AND (e.executed_at, e.trade_id COLLATE "C") >= (a.from_at, a.from_id COLLATE "C")
                ORDER BY e.executed_at, e.trade_id COLLATE "C") AS l
     WHERE NOT EXISTS (SELECT FROM news AS n WHERE n.trade_id = l.trade_id AND n.moves) AND l.trade_id <> ALL ($22::text[])
), folded AS MATERIALIZED (
    SELECT s.account_id, s.symbol, f.trade_id, f.held, f.average, f.realised, f.n = cardinality(s.ids) AS last
      FROM (SELECT account_id, symbol, array_agg(trade_id ORDER BY executed_at, trade_id COLLATE "C") AS ids,
                   array_agg(side ORDER BY executed_at, trade_id COLLATE "C") AS sides,
                   array_agg(quantity ORDER BY executed_at, trade_id COLLATE "C") AS quantities,
                   array_agg(price ORDER BY executed_at, trade_id COLLATE "C") AS prices,
                   array_agg(commission ORDER BY executed_at, trade_id COLLATE "C") AS commissions
              FROM steps GROUP BY account_id, symbol) AS s
      JOIN bases AS b USING (account_id, symbol), ROWS FROM (unnest(s.ids), analytics.average_cost(b.held, b.average_cost,
               s.sides, s.quantities, s.prices, s.commissions)) WITH ORDINALITY AS f(trade_id, held, average, realised, n)
), entries AS MATERIALIZED (
    SELECT n.trade_id, n.account_id, n.symbol, n.strategy, n.trade_date, n.source, n.row_id, n.executed_at, n.side, n.quantity,
           n.price, n.commission, n.event, n.counted, n.old, n.reason, n.trade_id AS cause, n.outcome, n.win AS stated_win,
           n.realized_pnl IS NOT NULL AS pnl_stated, round(coalesce(n.total_value, n.quantity * n.price), 4) AS total_value,
           round(coalesce(n.realized_pnl, f.realised, (n.old).realized_pnl), 4) AS pnl,
           coalesce(f.held, (n.old).held) AS held, coalesce(f.average, (n.old).average_cost) AS average, n.published_at, n.received_at, n.arrival
      FROM news AS n LEFT JOIN folded AS f ON f.trade_id = n.trade_id
    UNION ALL SELECT s.trade_id, s.account_id, s.symbol, (entry).strategy, (entry).trade_date, (entry).source, (entry).row_id,
           s.executed_at, s.side, s.quantity, s.price, s.commission, (entry).event, true, s.entry, s.reason, s.cause,
           (entry).win IS NOT NULL, CASE WHEN (entry).win_stated THEN (entry).win END, (entry).pnl_stated, (entry).total_value,
           CASE WHEN (entry).pnl_stated THEN (entry).realized_pnl ELSE f.realised END, f.held, f.average, NULL::timestamptz, NULL::timestamptz, NULL
      FROM steps AS s JOIN folded AS f ON f.trade_id = s.trade_id WHERE s.later AND s.trade_id <> ALL ($1::text[])
), ledger AS MATERIALIZED (
    SELECT e.*, w.win, counted AND (account_id, symbol, strategy, trade_date, side, quantity, price, total_value, pnl, w.win)
               IS DISTINCT FROM ((old).account_id, (old).symbol, (old).strategy, (old).trade_date, (old).side, (old).quantity,
                                 (old).price, (old).total_value, (old).realized_pnl, (old).win) AS restates
      FROM entries AS e, LATERAL (SELECT round(coalesce(stated_win, CASE WHEN outcome THEN (pnl > 0)::integer END), 10)) AS w(win)
), entered AS (
    INSERT INTO analytics.sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, source, row_id,
           executed_at, side, quantity, price, commission, held, average_cost, pnl_stated, win_stated, event, published_at, received_at, arrival)
    SELECT trade_id, account_id, symbol, strategy, trade_date, total_value, pnl, win, source, row_id, executed_at, side, quantity, price,
           commission, held, average, pnl_stated, stated_win IS NOT NULL, event, published_at, received_at, arrival
      FROM ledger WHERE NOT counted ORDER BY trade_id ON CONFLICT (trade_id) DO NOTHING
    RETURNING account_id, symbol, strategy, trade_date, total_value, realized_pnl, win
), changed AS (
    UPDATE analytics.sync_ledger AS l
       SET (account_id, symbol, strategy, trade_date, total_value, realized_pnl, win, source, row_id, executed_at, side, quantity, price,
            commission, held, average_cost, pnl_stated, win_stated, event, published_at, received_at, arrival)
         = (e.account_id, e.symbol, e.strategy, e.trade_date, e.total_value, e.pnl, e.win, e.source, e.row_id, e.executed_at, e.side,
            e.quantity, e.price, e.commission, e.held, e.average, e.pnl_stated, e.stated_win IS NOT NULL, e.event,
            coalesce(l.published_at, e.published_at), coalesce(l.received_at, e.received_at), CASE WHEN l.published_at IS NULL THEN e.arrival ELSE l.arrival END)
      FROM ledger AS e
     WHERE l.trade_id = ANY (ARRAY(SELECT trade_id FROM ledger WHERE counted)) AND l.trade_id = e.trade_id
       AND (e.restates OR e.trade_id = ANY ($1::text[]) OR (e.held, e.average) IS DISTINCT FROM (l.held, l.average_cost))
    RETURNING 1
), removed AS (DELETE FROM analytics.sync_ledger WHERE trade_id = ANY ($22::text[]) RETURNING 1
), restated AS (INSERT INTO analytics.sync_restatements (trade_id, reason, cause, old_value, new_value, old_pnl, new_pnl, old_win, new_win, was, became)
    SELECT trade_id, reason, cause, (old).total_value, total_value, (old).realized_pnl, pnl, (old).win, win, w.was, w.became
      FROM ledger, LATERAL (
               SELECT jsonb_build_object('account_id', (old).account_id, 'symbol', (old).symbol, 'strategy', (old).strategy,
                          'date', (old).trade_date, 'side', (old).side, 'quantity', (old).quantity, 'price', (old).price) AS was,
                      jsonb_build_object('account_id', account_id, 'symbol', symbol, 'strategy', strategy, 'date', trade_date,
                          'side', side, 'quantity', quantity, 'price', price) AS became) AS o
      LEFT JOIN LATERAL (SELECT o.was, o.became) AS w ON o.was <> o.became
     WHERE restates
    UNION ALL SELECT trade_id, 'busted', trade_id, total_value, NULL, realized_pnl, NULL, win, NULL, NULL, NULL FROM gone
    RETURNING 1
), differences AS (
    SELECT account_id, symbol, strategy, trade_date, total_value, realized_pnl AS pnl, win, 1 AS n FROM entered
    UNION ALL SELECT account_id, symbol, strategy, trade_date, total_value, pnl, win, 1 FROM ledger WHERE restates
    UNION ALL SELECT account_id, symbol, strategy, trade_date, -total_value, -realized_pnl, win, -1
      FROM (SELECT (old).* FROM ledger WHERE restates UNION ALL SELECT * FROM gone) AS before
), portfolio AS (INSERT INTO analytics.portfolio_summary AS p (account_id, symbol, total_value, realized_pnl, total_trades)
    SELECT account_id, symbol, sum(total_value), sum(pnl), sum(n) FROM differences
     GROUP BY account_id, symbol HAVING (sum(total_value), sum(pnl), sum(n)) <> (0, 0, 0) ORDER BY account_id, symbol
        ON CONFLICT (account_id, symbol) DO UPDATE
       SET total_value = p.total_value + excluded.total_value, realized_pnl = p.realized_pnl + excluded.realized_pnl,
           total_trades = p.total_trades + excluded.total_trades, last_updated = now()
    RETURNING account_id
), days AS MATERIALIZED (
    SELECT strategy, trade_date, sum(n) AS n, sum(total_value) AS total_value, sum(pnl) AS pnl,
           coalesce(sum(n * win), 0) AS win_sum, coalesce(sum(n) FILTER (WHERE win IS NOT NULL), 0) AS win_count
      FROM differences WHERE (SELECT count(*) FROM portfolio) >= 0 GROUP BY strategy, trade_date
), metrics AS (INSERT INTO analytics.performance_metrics AS m (strategy, date, total_trades, win_sum, win_count, total_value, realized_pnl)
    SELECT strategy, trade_date, greatest(n, 0), win_sum, greatest(win_count, 0), total_value, pnl
      FROM days WHERE (n, total_value, pnl, win_sum, win_count) <> (0, 0, 0, 0, 0) ORDER BY strategy, trade_date
        ON CONFLICT (strategy, date) DO UPDATE
       SET (total_trades, win_sum, win_count, total_value, realized_pnl, last_updated) = (
               SELECT m.total_trades + n, m.win_sum + d.win_sum, m.win_count + d.win_count, m.total_value + d.total_value,
                      m.realized_pnl + d.pnl, now()
                 FROM days AS d WHERE d.strategy = excluded.strategy AND d.trade_date = excluded.date)
    RETURNING 1
), pairs AS (
    UPDATE analytics.sync_pairs AS p
       SET held = coalesce(f.held, b.held), average_cost = coalesce(f.average, b.average_cost),
           last_executed_at = coalesce(s.executed_at, b.executed_at), last_trade_id = coalesce(f.trade_id, b.trade_id)
      FROM bases AS b LEFT JOIN folded AS f ON f.account_id = b.account_id AND f.symbol = b.symbol AND f.last
      LEFT JOIN steps AS s ON s.trade_id = f.trade_id AND s.account_id = f.account_id AND s.symbol = f.symbol
     WHERE p.account_id = b.account_id AND p.symbol = b.symbol
)
SELECT (SELECT count(*) FROM ledger WHERE NOT counted)::integer AS due, (SELECT count(*) FROM entered)::integer AS entered,
       (SELECT count(*) FROM restated)::integer AS restated, (SELECT count(*) FROM removed)::integer AS removed,
       (SELECT json_agg(DISTINCT account_id) FROM portfolio) AS accounts
