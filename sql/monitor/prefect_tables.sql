-- Whether Prefect has made its tables, and which of the columns that we read are missing.
-- No parameters. In Prefect's database. Rights: none.
SELECT to_regclass('public.flow_run') IS NOT NULL AS initialised,
       array_to_string(ARRAY(SELECT wanted
                               FROM unnest(ARRAY['state_type', 'expected_start_time', 'start_time',
                                                 'state_timestamp']) AS wanted
                              WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute
                                                 WHERE attrelid = to_regclass('public.flow_run')
                                                   AND attname = wanted AND NOT attisdropped)), ', ') AS missing;
