-- How a trade's figures were restated, oldest first.
-- Parameters: $1 trade_id. Rights: SELECT on analytics.sync_restatements.
SELECT restated_at, reason, cause, old_value, new_value, old_pnl, new_pnl, old_win, new_win, was, became
  FROM analytics.sync_restatements WHERE trade_id = $1 ORDER BY id
