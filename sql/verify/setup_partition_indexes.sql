-- Every month of market data has its indexes.
-- order: 110
-- severity: fail
-- every: 15 minutes
-- why: Without them queries read the whole month.
-- remedy: Drop the invalid index of the parent, if there is one, then run: tradetop setup --only indexes
-- rights: none
--
-- Partitions of market_data that lack one of its indexes, or have an invalid one.
SELECT inhrelid::regclass::text AS object, format('has no valid index of %s', i.indexrelid::regclass) AS problem
FROM pg_inherits
JOIN pg_index AS i ON i.indrelid = inhparent
WHERE inhparent = to_regclass('data_ingestion.market_data')
    AND NOT EXISTS (SELECT FROM pg_inherits AS child JOIN pg_index AS c ON c.indexrelid = child.inhrelid
        WHERE child.inhparent = i.indexrelid AND c.indrelid = pg_inherits.inhrelid AND c.indisvalid)
ORDER BY object, problem
LIMIT 501;
