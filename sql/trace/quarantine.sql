-- Events of trades that were set aside: those that could not be applied, and those that contradict what is known, whose keys
-- are longer; at most 500. Parameters: $1 trade ids, an array. Rights: SELECT on analytics.sync_quarantine.
SELECT id::text, CASE WHEN event_key = ANY ($1::text[]) THEN event_key ELSE event->>'key' END AS trade_id,
       event_key = ANY ($1::text[]) AS whole, left(reason, 300) AS reason, attempts, first_at, resolved_at, resolution, resolved_by,
       left(note, 300) AS note
  FROM analytics.sync_quarantine
 WHERE id = ANY (ARRAY(SELECT k.id FROM analytics.sync_quarantine AS k WHERE k.kind = 'trades' AND k.event_key = ANY ($1::text[])
                        UNION
                       SELECT e.id FROM analytics.sync_quarantine AS e WHERE e.kind = 'trades' AND e.event->>'key' = ANY ($1::text[])))
 ORDER BY first_at, id
 LIMIT 500;
