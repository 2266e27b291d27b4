-- Parses a statement, which the code puts behind this one, without running it; sent so that it can be only one.
-- Rights: none to parse; planning it needs those of the statement.
PREPARE tradetop_explain AS
