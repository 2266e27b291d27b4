-- Sets the figures of every statement back to nothing. Identifiers: schema, where the extension is.
-- Rights: EXECUTE on the function, which superusers have.
SELECT :"schema".pg_stat_statements_reset();
