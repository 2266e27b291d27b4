-- Drops the invalid copy that a failed REINDEX CONCURRENTLY left. $1: the index, quoted as in SQL.
-- Rights: EXECUTE on the function, which runs with its owner's rights and a lock timeout of 2 s.
SELECT shared.drop_leftover_index($1);
