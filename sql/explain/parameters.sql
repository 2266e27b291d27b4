-- How many values the prepared statement takes. No parameters. Rights: none.
SELECT cardinality(parameter_types) AS parameters FROM pg_catalog.pg_prepared_statements WHERE name = 'tradetop_explain';
