-- One row as it is now. A statement of its own, since one that also updates would still see the row as it was before
-- the other editor's commit.
-- $1 its id. :table and :id are identifiers, put in by src/io/locking.ts, quoted. Rights: SELECT on the table.
SELECT * FROM :table AS edited WHERE edited.:id = $1;
