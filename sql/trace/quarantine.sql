-- Events of trades that were set aside. Parameters: $1 trade ids, an array. Rights: SELECT on analytics.sync_quarantine.
SELECT event_key AS trade_id, left(reason, 300) AS reason, first_at, resolved_at, resolution, resolved_by, left(note, 300) AS note
  FROM analytics.sync_quarantine
 WHERE kind = 'trades' AND event_key = ANY ($1::text[]);
