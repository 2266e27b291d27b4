-- The publication of changes is whole.
-- order: 175
-- severity: warn
-- every: 15 minutes
-- why: What it lacks, tradetop sync --source slot does not read.
-- remedy: Run: tradetop setup. A table without its primary key stays out until it has it; a replica identity of another
--   index: ALTER TABLE execution.trades REPLICA IDENTITY USING INDEX trades_trade_id_key;
-- rights: none
--
-- A publication that is missing, lacks a table or a kind of change, shows months of market data as tables of their own,
-- or has a row filter; and execution.trades without an identity by which a deleted trade can be told.
WITH pub AS (
    SELECT * FROM pg_publication WHERE pubname = 'tradetop'
), wanted AS (
    SELECT name, to_regclass(name) AS rel
    FROM unnest('{execution.trades,execution.orders,execution.positions,data_ingestion.market_data}'::text[]) AS name
)
SELECT 'tradetop' AS object, 'is missing' AS problem WHERE NOT EXISTS (SELECT FROM pub)
UNION ALL
SELECT 'tradetop', 'lacks ' || name FROM pub, wanted
WHERE rel IS NOT NULL AND NOT puballtables
    AND NOT EXISTS (SELECT FROM pg_publication_rel WHERE prpubid = pub.oid AND prrelid = rel)
UNION ALL
SELECT 'tradetop', 'publishes no ' || kind FROM pub,
    LATERAL (VALUES ('INSERT', pubinsert), ('UPDATE', pubupdate), ('DELETE', pubdelete), ('TRUNCATE', pubtruncate))
        AS kinds (kind, published)
WHERE NOT published
UNION ALL
SELECT 'tradetop', 'publishes market data by month, not by publish_via_partition_root' FROM pub WHERE NOT pubviaroot
UNION ALL
SELECT 'tradetop', 'has a row filter or a column list for ' || name
FROM pub JOIN pg_publication_rel AS r ON prpubid = pub.oid JOIN wanted ON rel = prrelid
WHERE COALESCE(to_jsonb(r) ->> 'prqual', to_jsonb(r) ->> 'prattrs') IS NOT NULL
UNION ALL
SELECT 'execution.trades', 'has no replica identity with trade_id'
FROM pg_class AS c
WHERE c.oid = to_regclass('execution.trades') AND relreplident <> 'f' AND NOT EXISTS (
    SELECT FROM pg_index AS i JOIN pg_attribute AS a ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indrelid = c.oid AND attname = 'trade_id' AND (indisreplident OR relreplident = 'd' AND indisprimary))
ORDER BY object, problem;
