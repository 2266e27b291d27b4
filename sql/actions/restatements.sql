-- How trades' figures were restated, oldest first, at most 5,000.
-- Parameters: $1 trade ids, an array. Rights: SELECT on analytics.sync_restatements.
SELECT trade_id, restated_at, reason, cause, old_value, new_value, old_pnl, new_pnl, old_win, new_win, was, became
  FROM analytics.sync_restatements WHERE trade_id = ANY ($1::text[]) ORDER BY id LIMIT 5000
