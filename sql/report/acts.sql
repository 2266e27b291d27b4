-- What was done in a span, by the audit log: of each act the last record, in order; at most 201 rows. Reads are left out.
-- Parameters: $1 from, $2 to. Rights: SELECT on shared.audit_log.
SELECT at, by, operation, left(coalesce(target, table_name), 200) AS target, result, rows::text AS rows,
       left(reason, 300) AS reason
  FROM (SELECT DISTINCT ON (coalesce(correlation_id, a.id::text)) a.id, "timestamp" AS at,
               concat_ws(' ', user_id, nullif('(' || db_user || ')', '(' || user_id || ')')) AS by, operation, target, table_name,
               result, rows, coalesce(detail ->> 'reason', detail ->> 'note') AS reason
          FROM shared.audit_log AS a
         WHERE "timestamp" >= $1::timestamptz AND "timestamp" < $2::timestamptz AND operation NOT IN ('select', 'read')
         ORDER BY coalesce(correlation_id, a.id::text), a.id DESC) AS acts
 ORDER BY at, acts.id
 LIMIT 201;
