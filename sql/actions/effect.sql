-- A table's counters, by which one that was processed differs from one that was skipped. $1: the table's oid.
-- Rights: none.
SELECT pg_stat_get_vacuum_count($1)              AS vacuums,
       pg_stat_get_last_vacuum_time($1)::text    AS vacuumed_at,
       pg_stat_get_analyze_count($1)             AS analyzes,
       pg_stat_get_last_analyze_time($1)::text   AS analyzed_at,
       pg_stat_get_live_tuples($1)               AS live_rows,
       pg_stat_get_dead_tuples($1)               AS dead_rows,
       current_setting('track_counts')::boolean  AS counted;
