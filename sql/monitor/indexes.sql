-- Indexes of this database that need a look: invalid, the same as another, or never used while their table is written to.
-- Unused is since the counters' reset; indexes that keep a constraint or keys unique, and those of less than a megabyte,
-- are not named so. The largest 200. No parameters. Rights: none; pg_read_all_stats to see that another session builds one.
WITH free AS MATERIALIZED (
    -- Those that keep no constraint: only they can be done without.
    SELECT i.indexrelid, i.indrelid, i.indisvalid, i.indisunique, c.relam, c.relpages,
           concat_ws('/', i.indkey, i.indclass, i.indcollation, i.indoption, i.indnkeyatts) AS shape,
           pg_get_expr(i.indexprs, i.indrelid) AS expressions, pg_get_expr(i.indpred, i.indrelid) AS predicate
      FROM pg_catalog.pg_index AS i
      JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid AND c.relkind = 'i'
     WHERE NOT i.indisprimary AND NOT i.indisexclusion
       AND i.indrelid >= 16384
       AND c.relnamespace <> 'pg_toast'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid)
), invalid AS (
    SELECT i.indexrelid, i.indrelid, 'invalid' AS problem, NULL::oid AS twin
      FROM pg_catalog.pg_index AS i
     WHERE NOT i.indisvalid AND i.indrelid >= 16384
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
                        WHERE p.index_relid = i.indexrelid OR p.relid = i.indrelid)
), twins AS (
    -- Of several the one that keeps a constraint stays, else one that keeps keys unique, else the oldest.
    SELECT f.indexrelid, f.indrelid, 'duplicate' AS problem, min(o.indexrelid) AS twin
      FROM free AS f
      JOIN pg_catalog.pg_index AS o ON o.indrelid = f.indrelid AND o.indexrelid <> f.indexrelid AND o.indisvalid
      JOIN pg_catalog.pg_class AS c ON c.oid = o.indexrelid AND c.relam = f.relam
      LEFT JOIN free AS g ON g.indexrelid = o.indexrelid
     WHERE f.indisvalid AND f.indisunique <= o.indisunique
       AND f.shape = concat_ws('/', o.indkey, o.indclass, o.indcollation, o.indoption, o.indnkeyatts)
       AND f.expressions IS NOT DISTINCT FROM pg_get_expr(o.indexprs, o.indrelid)
       AND f.predicate IS NOT DISTINCT FROM pg_get_expr(o.indpred, o.indrelid)
       AND (g.indexrelid IS NULL OR (o.indisunique AND NOT f.indisunique)
            OR (o.indisunique = f.indisunique AND o.indexrelid < f.indexrelid))
     GROUP BY f.indexrelid, f.indrelid
), unused AS (
    SELECT indexrelid, indrelid, 'unused' AS problem, NULL::oid AS twin
      FROM free
     WHERE indisvalid AND NOT indisunique AND relpages > 128
       AND pg_stat_get_numscans(indexrelid) = 0
       AND pg_stat_get_tuples_inserted(indrelid) + pg_stat_get_tuples_updated(indrelid) > 0
       AND indexrelid NOT IN (SELECT t.indexrelid FROM twins AS t)
)
SELECT n.nspname::text AS schema, t.relname::text AS "table", c.relname::text AS name, p.problem,
       o.relname::text AS duplicate_of, c.relpages * current_setting('block_size')::float8 AS size_bytes,
       (SELECT stats_reset FROM pg_catalog.pg_stat_database WHERE datname = current_database()) AS counted_since
  FROM (SELECT * FROM invalid UNION ALL SELECT * FROM twins UNION ALL SELECT * FROM unused) AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.indexrelid
  JOIN pg_catalog.pg_class AS t ON t.oid = p.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_class AS o ON o.oid = p.twin
 ORDER BY p.problem = 'invalid' DESC, c.relpages DESC, p.indexrelid
 LIMIT 200;
