-- What operators did to trades, and to other rows since a time: the newest 5,000 and 200, the oldest first. What was done to
-- a strategy concerns a life up to a minute after its last time.
-- Parameters: $1 trade ids; $2 tables and $3 keys of other rows, arrays of the same length; $4 the times of the life.
-- Rights: SELECT on shared.audit_log.
SELECT id::text, at, user_id, operation, target, result, reason
  FROM (SELECT * FROM (SELECT id, "timestamp" AS at, user_id, operation, target, result,
                              left(detail #>> '{changes,0,after,reason}', 300) AS reason
                         FROM shared.audit_log
                        WHERE table_name = 'execution.trades' AND left(target, 100) = ANY ($1::text[])
                        ORDER BY id DESC
                        LIMIT 5000) AS trades
         UNION ALL
        SELECT * FROM (SELECT id, "timestamp", user_id, operation, target, result,
                              left(coalesce(detail #>> '{changes,0,after,reason}', detail ->> 'reason'), 300)
                         FROM shared.audit_log AS a
                        WHERE table_name = ANY ($2::text[])
                          AND "timestamp" >= (SELECT min(t) FROM unnest($4::timestamptz[]) AS t)
                          AND EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS k (name, key)
                                       WHERE k.name = a.table_name
                                         AND (a.target = k.key OR k.key = ANY (string_to_array(replace(a.target, a.table_name || ' ', ''), ', '))))
                          AND (table_name <> 'strategy_engine.strategies'
                               OR "timestamp" <= (SELECT max(t) FROM unnest($4::timestamptz[]) AS t) + interval '60 s')
                        ORDER BY "timestamp" DESC
                        LIMIT 200) AS others) AS newest
 ORDER BY id;
