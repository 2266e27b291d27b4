-- The present state of one row. A statement of its own: one that also updates would still see the row as it was before
-- the other editor's commit.
-- $1 its id; identifiers: schema, table, id (the key's column). Rights: SELECT on the table.
SELECT * FROM :"schema".:"table" AS edited WHERE edited.:"id" = $1;
