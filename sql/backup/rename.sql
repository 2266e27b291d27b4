-- The statement that renames database $1 to $2, which fails if $2 exists. Rights: none; of the statement: ownership.
SELECT format('ALTER DATABASE %I RENAME TO %I', $1::text, $2::text) AS statement;
