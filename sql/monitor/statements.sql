-- Counters of pg_stat_statements without the texts, which cost 20 times as much to read; of the 10,000 entries that took most
-- time those whose bucket has changed. The bucket of an entry: the lowest bits of its queryid.
-- Version 1.8 of the extension: a server keeps it after pg_upgrade until ALTER EXTENSION … UPDATE.
-- $1 for each bucket (their number is a power of two) the sum of the digests of the entries that the reader knows; 0: of none;
-- NULL: the bucket is not asked for. A bucket that has become empty is a row with nothing else in it.
-- :"schema" the extension's schema. Rights: pg_read_all_stats; without it other roles' entries have no queryid.
WITH entry AS MATERIALIZED (
  SELECT userid, dbid, queryid, calls, total_exec_time, max_exec_time, rows, shared_blks_hit, shared_blks_read,
         -- No call leaves the time as it was, and no two entries have the same.
         hashfloat8(total_exec_time)                                        AS digest,
         (coalesce(queryid, 0) & (cardinality($1::bigint[]) - 1))::integer AS bucket
    FROM :"schema".pg_stat_statements(false)
   ORDER BY total_exec_time DESC
   LIMIT 10000
), changed AS (
  SELECT known.place::integer - 1 AS bucket
    FROM unnest($1::bigint[]) WITH ORDINALITY AS known (sum, place)
    LEFT JOIN (SELECT bucket, sum(digest) AS sum FROM entry GROUP BY bucket) AS now ON now.bucket = known.place - 1
   WHERE known.sum <> coalesce(now.sum, 0)
)
SELECT bucket, digest, userid, dbid, queryid::text AS queryid, true AS toplevel,
       calls::float8 AS calls, total_exec_time AS total_ms, max_exec_time AS max_ms, rows::float8 AS rows,
       shared_blks_hit::float8 AS hit, shared_blks_read::float8 AS read, NULL::text AS since
  FROM changed
  LEFT JOIN entry USING (bucket);
