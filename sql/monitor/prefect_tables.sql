-- Whether Prefect has made its tables, and which of the columns that we read are missing, or not times where we read times:
-- a type that somebody made would bring a cast of his own.
-- No parameters. In Prefect's database. Rights: none.
SELECT to_regclass('public.flow_run') IS NOT NULL AS initialised,
       array_to_string(ARRAY(SELECT wanted
                               FROM unnest(ARRAY['state_type', 'expected_start_time', 'start_time',
                                                 'state_timestamp']) AS wanted
                              WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
                                                 WHERE attrelid = to_regclass('public.flow_run')
                                                   AND attname = wanted AND NOT attisdropped
                                                   AND (wanted = 'state_type'
                                                        OR atttypid = 'timestamptz'::regtype))), ', ') AS missing;
