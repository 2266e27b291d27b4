-- Takes a busted trade out of the books.
-- Parameters: $1 trade_id. Returns the trade, if it was there.
-- Rights: SELECT, DELETE on execution.trades.
DELETE FROM execution.trades WHERE trade_id = $1 RETURNING trade_id
