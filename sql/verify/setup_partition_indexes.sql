-- Partitions of market_data that lack one of its indexes, or have an invalid one. Rights: none.
SELECT inhrelid::regclass::text AS object, format('has no valid index of %s', i.indexrelid::regclass) AS problem
FROM pg_inherits
JOIN pg_index AS i ON i.indrelid = inhparent
WHERE inhparent = to_regclass('data_ingestion.market_data')
    AND NOT EXISTS (SELECT FROM pg_inherits AS child JOIN pg_index AS c ON c.indexrelid = child.inhrelid
        WHERE child.inhparent = i.indexrelid AND c.indrelid = pg_inherits.inhrelid AND c.indisvalid)
ORDER BY object, problem
LIMIT 20;
