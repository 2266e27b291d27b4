-- The plan of the prepared statement by the planner alone: it is not executed. The code puts a NULL for each value behind it,
-- which the generic plan does not look at. Rights: those of the statement.
EXPLAIN (VERBOSE) EXECUTE tradetop_explain
